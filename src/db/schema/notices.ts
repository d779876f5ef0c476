import { sql } from 'drizzle-orm'
import { bigint, index, integer, json, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { NoticeChannel, NoticeKind } from '../../contract/notice.ts'
import { at, bellwire, bytea } from './base.ts'
import { webhooks } from './webhooks.ts'

/** Where notices are sent. */
export const noticeChannels = bellwire.table('notice_channels', {
  id: uuid().primaryKey(),
  position: integer().notNull(),
  type: text().$type<NoticeChannel['type']>().notNull(),
  name: text(),
  /** The kinds that it gets; null: all. */
  kinds: json().$type<NoticeKind[]>(),
  /** Where it leads, without secrets. */
  shown: text().notNull(),
  /** A JSON object with its URL, token and so on, encrypted. */
  sealed: bytea().notNull(),
  createdAt: at('created_at').notNull().defaultNow(),
})

/** What people are told about, each once. Kept for half a year. */
export const notices = bellwire.table(
  'notices',
  {
    id: uuid().primaryKey(),
    /** What it is about, such as the approval: a second notice with the same key is none. */
    key: text().notNull().unique(),
    kind: text().$type<NoticeKind>().notNull(),
    title: text().notNull(),
    agentId: uuid('agent_id'),
    webhookId: uuid('webhook_id'),
    taskId: uuid('task_id'),
    approvalId: uuid('approval_id'),
    createdAt: at('created_at').notNull().defaultNow(),
    /** The message that it is part of; null while it waits for one. */
    messageId: uuid('message_id'),
    /** Set when it no longer matters before a message was made of it. */
    droppedAt: at('dropped_at'),
  },
  (table) => [
    index('notices_waiting_idx')
      .on(table.kind, table.createdAt)
      .where(sql`${table.messageId} is null and ${table.droppedAt} is null`),
    index('notices_message_idx').on(table.messageId),
    index('notices_created_idx').on(table.createdAt),
    index('notices_task_idx')
      .on(table.taskId)
      .where(sql`${table.taskId} is not null`),
  ],
)

/** Messages that notices of one kind became. */
export const noticeMessages = bellwire.table(
  'notice_messages',
  {
    id: uuid().primaryKey(),
    /** Their order in lists. */
    number: bigint({ mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    kind: text().$type<NoticeKind>().notNull(),
    title: text().notNull(),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex('notice_messages_number_idx').on(table.number),
    index('notice_messages_kind_idx').on(table.kind, table.createdAt),
  ],
)

/** A message in a channel. */
export const noticeDeliveries = bellwire.table(
  'notice_deliveries',
  {
    messageId: uuid('message_id')
      .notNull()
      .references(() => noticeMessages.id, { onDelete: 'cascade' }),
    channelId: uuid('channel_id').notNull(),
    state: text().$type<'pending' | 'delivered' | 'failed'>().notNull().default('pending'),
    attempts: integer().notNull().default(0),
    /** When the next attempt is due; while one is under way, when others may take it for lost. Null at the end. */
    dueAt: at('due_at').defaultNow(),
    status: integer(),
    error: text(),
    finishedAt: at('finished_at'),
  },
  (table) => [
    primaryKey({ columns: [table.messageId, table.channelId] }),
    index('notice_deliveries_due_idx')
      .on(table.dueAt)
      .where(sql`${table.dueAt} is not null`),
  ],
)

/** When webhooks that are expected to ring have last done so; written with a delay of some seconds. */
export const webhookActivity = bellwire.table('webhook_activity', {
  webhookId: uuid('webhook_id')
    .primaryKey()
    .references(() => webhooks.id, { onDelete: 'cascade' }),
  lastAt: at('last_at').notNull(),
})
