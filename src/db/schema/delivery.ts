import { sql } from 'drizzle-orm'
import { bigint, index, integer, json, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { CallbackEvent, DeliveryKind } from '../../contract/callback.ts'
import { at, bellwire, bytea, laterXid } from './base.ts'
import { webhooks } from './webhooks.ts'

/** Where the outcome of a webhook's tasks is sent. */
export const callbacks = bellwire.table('callbacks', {
  webhookId: uuid('webhook_id')
    .primaryKey()
    .references(() => webhooks.id, { onDelete: 'cascade' }),
  /** Null when each request names its own. */
  url: text(),
  events: json().$type<CallbackEvent[]>().notNull(),
  content: text().$type<'full' | 'thin'>().notNull(),
  /** Hosts that a request may name in X-Bellwire-Callback. */
  hosts: json().$type<string[]>().notNull(),
  /** A JSON list of `{secret, until}`, encrypted: the newest first, those before until their grace period ends. */
  secrets: bytea().notNull(),
  /** Set when the receiver answered 410: nothing is sent until somebody saves the callback again. */
  disabledAt: at('disabled_at'),
  createdAt: at('created_at').notNull().defaultNow(),
  updatedAt: at('updated_at').notNull().defaultNow(),
})

/**
 * Outgoing requests that say what became of a task. A trigger makes one whenever a task that has a callback changes to
 * a state that its callback asks for, in the transaction of the change.
 */
export const deliveries = bellwire.table(
  'deliveries',
  {
    id: uuid().primaryKey(),
    /** Their order in lists. */
    number: bigint({ mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    taskId: uuid('task_id').notNull(),
    agentId: uuid('agent_id').notNull(),
    webhookId: uuid('webhook_id').notNull(),
    kind: text().$type<DeliveryKind>().notNull().default('callback'),
    /** task.succeeded, task.failed, task.cancelled, task.waiting, task.step */
    event: text().notNull(),
    /** The number of the event of the task. */
    taskEvent: integer('task_event').notNull(),
    /** Where its last attempt went; null as long as there was none, unless the request has named an address. */
    url: text(),
    content: text().$type<'full' | 'thin'>().notNull(),
    /** What is sent, from the first attempt on the same; of a reply its place and its messages, as JSON. */
    body: bytea(),
    /** Messages of a reply that were sent. */
    messagesSent: integer('messages_sent').notNull().default(0),
    state: text().$type<'pending' | 'delivered' | 'failed'>().notNull().default('pending'),
    attempts: integer().notNull().default(0),
    /** Attempts of the present round: those before it was sent again by hand do not count. */
    roundAttempts: integer('round_attempts').notNull().default(0),
    /** When the next attempt is due; while one is under way, when others may take it for lost. Null at the end. */
    dueAt: at('due_at').defaultNow(),
    error: text(),
    createdAt: at('created_at').notNull().defaultNow(),
    finishedAt: at('finished_at'),
    /** That recorded its latest failed attempt; null as long as none has failed. */
    xid: laterXid(),
  },
  (table) => [
    index('deliveries_xid_idx')
      .on(table.xid)
      .where(sql`${table.xid} is not null`),
    uniqueIndex('deliveries_number_idx').on(table.number),
    index('deliveries_due_idx')
      .on(table.dueAt)
      .where(sql`${table.dueAt} is not null`),
    index('deliveries_task_idx').on(table.taskId),
    // One reply for each task.
    uniqueIndex('deliveries_reply_idx')
      .on(table.taskId)
      .where(sql`${table.kind} = 'reply'`),
    index('deliveries_webhook_idx').on(table.webhookId, table.number),
    index('deliveries_failed_idx')
      .on(table.number)
      .where(sql`${table.state} = 'failed'`),
  ],
)

/**
 * Tasks under way whose callback asks for their steps, and up to which event these have become deliveries. A trigger
 * makes a row when such a task starts, and deletes it when it has ended.
 */
export const deliveryCursors = bellwire.table('delivery_cursors', {
  taskId: uuid('task_id').primaryKey(),
  lastEvent: integer('last_event').notNull(),
})

/** Each attempt of a delivery and what came back. */
export const deliveryAttempts = bellwire.table(
  'delivery_attempts',
  {
    deliveryId: uuid('delivery_id').notNull(),
    attempt: integer().notNull(),
    startedAt: at('started_at').notNull(),
    durationMs: integer('duration_ms').notNull(),
    status: integer(),
    error: text(),
    response: text(),
  },
  (table) => [primaryKey({ columns: [table.deliveryId, table.attempt] })],
)
