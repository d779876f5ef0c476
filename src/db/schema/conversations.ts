import { bigint, boolean, index, integer, json, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import type { InboundRequest } from '../../contract/task.ts'
import { at, bellwire, bytea } from './base.ts'

/** Tasks of one agent that continue each other. Accepting one of its tasks locks its row. */
export const conversations = bellwire.table(
  'conversations',
  {
    id: uuid().primaryKey(),
    /** What it is found by: see src/tasks/conversations/conversationName.ts. */
    name: uuid().notNull().unique(),
    agentId: uuid('agent_id').notNull(),
    webhookId: uuid('webhook_id'),
    /** The value that its requests share, as text. */
    key: text().notNull(),
    /** Places in its order that were given to tasks. */
    turns: bigint({ mode: 'number' }).notNull().default(0),
    /** What the oldest tasks said, in the words of a model; null while all of it is shown in full. */
    summary: text(),
    /** The tasks that the summary covers. */
    summarised: uuid().array(),
    /** Counts the changes of the summary: of two tasks that make one at the same time, the first is kept. */
    summaryVersion: integer('summary_version').notNull().default(0),
    expiresAt: at('expires_at').notNull(),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (table) => [
    index('conversations_key_idx').on(table.key),
    index('conversations_expiry_idx').on(table.expiresAt),
  ],
)

/** What the user of a conversation said in one task, as the model got it. The answer is in the task. */
export const conversationTurns = bellwire.table('conversation_turns', {
  taskId: uuid('task_id').primaryKey(),
  message: text().notNull(),
})

/** Requests that joined a task instead of starting one. `tasks.joined` counts them. */
export const joinedRequests = bellwire.table(
  'joined_requests',
  {
    taskId: uuid('task_id').notNull(),
    /** Whether it joined before the task started, as part of a burst: then it is in the payload of the task. */
    coalesced: boolean().notNull(),
    /** From 1, in the order of acceptance. */
    n: integer().notNull(),
    /** JSON text, as in `tasks`. */
    payload: bytea().notNull(),
    request: json().$type<InboundRequest>().notNull(),
    /** The body as it was received, where the payload is not the same. */
    body: bytea(),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.taskId, table.coalesced, table.n] })],
)

/** The newest task that collects the requests of a burst, for each key. */
export const bursts = bellwire.table(
  'bursts',
  {
    /** As in `conversations`. */
    name: uuid().primaryKey(),
    taskId: uuid('task_id').notNull(),
    closesAt: at('closes_at').notNull(),
  },
  (table) => [index('bursts_closing_idx').on(table.closesAt)],
)
