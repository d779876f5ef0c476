import { sql } from 'drizzle-orm'
import { bigint, boolean, index, integer, json, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { RejectionReason } from '../../contract/rejectionReason.ts'
import type { InboundRequest } from '../../contract/task.ts'
import type { WebhookOptions } from '../../contract/webhookOptions.ts'
import { agents } from './agents.ts'
import { at, bellwire, bytea, xid } from './base.ts'

/** A URL that starts an agent. */
export const webhooks = bellwire.table(
  'webhooks',
  {
    id: uuid().primaryKey(),
    agentId: uuid('agent_id')
      .notNull()
      .references(() => agents.id),
    name: text().notNull(),
    /** The one returned by GET /api/agent_webhook. */
    isDefault: boolean('is_default').notNull().default(false),
    enabled: boolean().notNull().default(true),
    /** How its requests are verified, read and answered; without what only later versions know. */
    options: json().$type<Partial<WebhookOptions>>().notNull().default({}),
    /** What requests are verified with: the ciphertext of a JSON list of texts; null when there are none. */
    secrets: bytea(),
    secretsUpdatedAt: at('secrets_updated_at'),
    /** Counts the changes, so that what was made of a webhook is known to be of its present form. */
    version: integer().notNull().default(1),
    createdAt: at('created_at').notNull().defaultNow(),
    updatedAt: at('updated_at').notNull().defaultNow(),
  },
  (table) => [
    index('webhooks_agent_idx').on(table.agentId),
    uniqueIndex('webhooks_default_idx')
      .on(table.agentId)
      .where(sql`${table.isDefault}`),
  ],
)

/** The tokens of a webhook: hashed for lookups, encrypted so that they can be shown again. A rotated one expires. */
export const webhookTokens = bellwire.table(
  'webhook_tokens',
  {
    hash: bytea().primaryKey(),
    webhookId: uuid('webhook_id')
      .notNull()
      .references(() => webhooks.id, { onDelete: 'cascade' }),
    ciphertext: bytea().notNull(),
    createdAt: at('created_at').notNull().defaultNow(),
    /** Null for the current token; the end of the grace period for a rotated one. */
    expiresAt: at('expires_at'),
  },
  (table) => [
    uniqueIndex('webhook_tokens_current_idx')
      .on(table.webhookId)
      .where(sql`${table.expiresAt} is null`),
  ],
)

/** The first requests of webhooks that have no source yet. Deleted after a week, and once the webhook has one. */
export const rings = bellwire.table(
  'rings',
  {
    id: uuid().primaryKey(),
    webhookId: uuid('webhook_id')
      .notNull()
      .references(() => webhooks.id, { onDelete: 'cascade' }),
    receivedAt: at('received_at').notNull().defaultNow(),
    method: text().notNull(),
    /** Values that may be secret are masked. */
    headers: json().$type<Record<string, string>>().notNull(),
    query: json().$type<Record<string, string | string[]>>().notNull(),
    contentType: text('content_type'),
    /** Bytes of the body. */
    size: integer().notNull(),
    /** JSON text; null where the body could not be read, or is large. */
    payload: bytea(),
    taskId: uuid('task_id'),
    reason: text(),
  },
  (table) => [
    index('rings_webhook_idx').on(table.webhookId),
    index('rings_received_idx').on(table.receivedAt),
  ],
)

/** How much of its rate limit a webhook has handed out to processes, in the window that began at `startedAt`. */
export const webhookRates = bellwire.table('webhook_rates', {
  webhookId: uuid('webhook_id')
    .primaryKey()
    .references(() => webhooks.id, { onDelete: 'cascade' }),
  startedAt: at('started_at').notNull(),
  used: integer().notNull(),
  /** What the last lease was given. */
  granted: integer().notNull(),
})

/**
 * Requests to webhooks that started no task. Kept for some days, and no more of them than `trimRejections` allows.
 * Written apart from what accepts tasks, so no foreign keys: a rejection may outlive its webhook.
 */
export const rejections = bellwire.table(
  'rejections',
  {
    id: uuid().primaryKey(),
    webhookId: uuid('webhook_id').notNull(),
    agentId: uuid('agent_id').notNull(),
    reason: text().$type<RejectionReason>().notNull(),
    /** What the check that failed looked for, and what it found. Never a secret or a valid signature. */
    expected: text(),
    received: text(),
    detail: text(),
    method: text().notNull(),
    /** Masked. */
    headers: json().$type<Record<string, string>>().notNull(),
    query: json().$type<InboundRequest['query']>().notNull(),
    contentType: text('content_type'),
    /** Bytes of the body as it was received. */
    size: bigint({ mode: 'number' }).notNull(),
    /** The whole body, or the start of one that is too large to keep. */
    body: bytea().notNull(),
    bodyComplete: boolean('body_complete').notNull(),
    /** The request passed the check of its signature before another one failed. */
    senderVerified: boolean('sender_verified').notNull().default(false),
    /** A task that has to do with it: the one that took the same key before, or that caused the echo. */
    taskId: uuid('task_id'),
    /** The task that an operator made of it. */
    acceptedTaskId: uuid('accepted_task_id'),
    acceptedAt: at('accepted_at'),
    /** Later requests of the same webhook with the same reason that were only counted. */
    repeats: integer().notNull().default(0),
    /** Bytes that the row takes, about. */
    stored: integer().notNull(),
    createdAt: at('created_at').notNull(),
    xid: xid(),
  },
  (table) => [
    index('rejections_xid_idx')
      .on(table.xid)
      .where(sql`${table.xid} is not null`),
    index('rejections_webhook_idx').on(table.webhookId, table.id),
    index('rejections_agent_idx').on(table.agentId, table.id),
  ],
)
