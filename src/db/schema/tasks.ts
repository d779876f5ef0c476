import { sql, type SQL } from 'drizzle-orm'
import {
  bigint,
  boolean,
  index,
  integer,
  json,
  primaryKey,
  text,
  timestamp,
  uuid,
  type AnyPgColumn,
} from 'drizzle-orm/pg-core'
import type { AgentConfig } from '../../contract/agent.ts'
import type { TaskCallback } from '../../contract/callback.ts'
import type { Held, InboundRequest, RunError, RunResult, Usage } from '../../contract/task.ts'
import { at, bellwire, bytea, taskState, xid } from './base.ts'

/** Rarely used states, and running tasks that are between two attempts. */
const isRare = (table: { state: AnyPgColumn; workerId: AnyPgColumn }): SQL =>
  sql`${table.workerId} is null and ${table.state} in ('STARTED', 'WAITING', 'FAILURE', 'CANCELLED')`

/**
 * One accepted trigger and its run. This table and those below are written on the hot path and have no foreign keys:
 * revisions are never deleted, and code that deletes a task deletes its rows with it.
 */
export const tasks = bellwire.table(
  'tasks',
  {
    id: uuid().primaryKey(),
    agentId: uuid('agent_id').notNull(),
    revision: integer().notNull(),
    webhookId: uuid('webhook_id'),
    /** How it was triggered: webhook, answer, stream, ... */
    origin: text().notNull(),
    state: taskState().notNull().default('PENDING'),
    /** A caller waits for the result: such tasks run first. */
    interactive: boolean().notNull().default(false),
    /** A follower is expected: the model's answer is streamed. */
    streamed: boolean().notNull().default(false),
    /** Whether the request had a key or a valid signature; a secret URL alone does not verify the sender. */
    senderVerified: boolean('sender_verified').notNull().default(false),
    /** Whether who wrote what the request says is trusted: never without a key or a valid signature. */
    senderTrusted: boolean('sender_trusted').notNull().default(false),
    /** JSON text, as it was received or made of what was. Not jsonb, which refuses what JSON allows. */
    payload: bytea().notNull(),
    request: json().$type<InboundRequest>().notNull(),
    /** The conversation that it belongs to, and its place in the order; no place where tasks run side by side. */
    conversationId: uuid('conversation_id'),
    turn: bigint({ mode: 'number' }),
    /** Requests that joined it; null for none. Its run succeeds only when it has seen them all. */
    joined: integer(),
    /** What is sent back when it changes, and where; null for nothing. */
    callback: json().$type<TaskCallback>(),
    /** The fencing token: how often it was claimed. A write with an older number has no effect. */
    attempt: integer().notNull().default(0),
    /** The worker that holds it; null when none does. */
    workerId: bigint('worker_id', { mode: 'number' }),
    failures: integer().notNull().default(0),
    /** Workers lost since the last new step. */
    crashes: integer().notNull().default(0),
    /** The number of the newest event; its acceptance is 1. */
    lastEvent: integer('last_event').notNull().default(1),
    /** Why it is PENDING although a worker is free; null otherwise. */
    held: json().$type<Held>(),
    /** The W3C trace context of the request, for the spans of its run. */
    traceParent: text('trace_parent'),
    result: json().$type<RunResult>(),
    error: json().$type<RunError>(),
    usage: json().$type<Usage>(),
    createdAt: at('created_at').notNull().defaultNow(),
    startedAt: at('started_at'),
    finishedAt: at('finished_at'),
    /** Set while it is WAITING. */
    waitingSince: at('waiting_since'),
    /** Milliseconds spent WAITING before: they do not count towards the deadline. */
    waitedMs: bigint('waited_ms', { mode: 'number' }).notNull().default(0),
    /** That accepted it. */
    xid: xid(),
  },
  (table) => [
    index('tasks_agent_idx').on(table.agentId, table.id),
    index('tasks_live_idx')
      .on(table.workerId, table.id)
      .where(sql`${table.state} in ('PENDING', 'STARTED', 'WAITING')`),
    // For lists; see listStatement.ts. Neither accepting a task nor a successful run writes to them.
    index('tasks_rare_idx').on(table.state, table.workerId, table.id).where(isRare(table)),
    index('tasks_agent_rare_idx')
      .on(table.agentId, table.state, table.workerId, table.id)
      .where(isRare(table)),
    index('tasks_conversation_idx')
      .on(table.conversationId, table.id)
      .where(sql`${table.conversationId} is not null`),
    index('tasks_turn_idx')
      .on(table.conversationId, table.turn)
      .where(sql`${table.turn} is not null and ${table.state} in ('PENDING', 'STARTED', 'WAITING')`),
    index('tasks_held_idx')
      .on(table.agentId, table.id)
      .where(sql`${table.held} is not null`),
    // For readers of events. Only acceptance writes to it.
    index('tasks_xid_idx')
      .on(table.xid)
      .where(sql`${table.state} = 'PENDING'`),
  ],
)

/**
 * Tasks that are due now or later: a row for each task that waits for a worker or for its time. A claim deletes it, so
 * a task is in the queue, or held by a worker, or has ended.
 */
export const queue = bellwire.table(
  'queue',
  {
    taskId: uuid('task_id').primaryKey(),
    agentId: uuid('agent_id').notNull(),
    /** Place in the order, lowest first; null while it is not due. See src/queue/rank.ts. */
    rank: bigint({ mode: 'number' }),
    dueAt: at('due_at').notNull().defaultNow(),
    /** Why it is in the queue: see `Why` in src/queue/queue.ts. */
    why: text().notNull(),
  },
  (table) => [
    index('queue_rank_idx')
      .on(table.rank)
      .where(sql`${table.rank} is not null`),
    index('queue_due_idx')
      .on(table.dueAt)
      .where(sql`${table.rank} is null`),
    index('queue_conversation_idx')
      .on(table.taskId)
      .where(sql`${table.why} = 'conversation'`),
  ],
)

/** The highest rank claimed so far: where an empty queue continues. */
export const queueHead = bellwire.sequence('queue_head', { startWith: 0, minValue: 0 })

/** Keys that were seen lately, and the task that each one made. */
export const dedupeKeys = bellwire.table(
  'dedupe_keys',
  {
    /** See src/tasks/dedupeKey.ts: the entrance that it belongs to is part of it. */
    key: uuid().primaryKey(),
    taskId: uuid('task_id').notNull(),
    /** Tells whether a repeated request says the same; null for keys of a version that did not note it. */
    payloadHash: bigint('payload_hash', { mode: 'bigint' }),
    expiresAt: at('expires_at').notNull(),
  },
  (table) => [index('dedupe_keys_expiry_idx').on(table.expiresAt)],
)

/** Bodies as they were received, of tasks whose payload is not the same: forms, other encodings, batches. */
export const taskBodies = bellwire.table('task_bodies', {
  taskId: uuid('task_id').primaryKey(),
  body: bytea().notNull(),
})

/**
 * The latest rings of each object that events are about. Unlogged (see its migration): after a crash of the server
 * counting starts anew, and no acceptance waits for it to reach the disk.
 */
export const objectRings = bellwire.table(
  'object_rings',
  {
    /** As in `own_objects`. */
    key: uuid().primaryKey(),
    rings: timestamp({ withTimezone: true }).array().notNull(),
    /** How many rings the latest statement has added. */
    granted: integer().notNull(),
    maxRings: integer('max_rings').notNull(),
    lastAt: at('last_at').notNull(),
  },
  (table) => [index('object_rings_last_idx').on(table.lastAt)],
)

/** Tasks that replay another one: how, and with what. */
export const replays = bellwire.table(
  'replays',
  {
    taskId: uuid('task_id').primaryKey(),
    replayOf: uuid('replay_of').notNull(),
    writes: text().$type<'continue' | 'recorded' | 'live'>().notNull(),
    /** For `continue`: the first task of the run that goes on, whose id its calls are identified by. */
    continues: uuid(),
    /** An unsaved draft of the agent; null when it runs on its revision. */
    config: json().$type<AgentConfig>(),
    /** Identifies a repeated request, by its Idempotency-Key. */
    requestKey: uuid('request_key'),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (table) => [
    index('replays_of_idx').on(table.replayOf, table.taskId),
    index('replays_continues_idx')
      .on(table.continues)
      .where(sql`${table.continues} is not null`),
    index('replays_request_idx')
      .on(table.requestKey)
      .where(sql`${table.requestKey} is not null`),
  ],
)

/** Tasks that an agent runs again to show what it would do: its writes are simulated. */
export const rehearsals = bellwire.table(
  'rehearsals',
  {
    id: uuid().primaryKey(),
    agentId: uuid('agent_id').notNull(),
    revision: integer().notNull(),
    /** An unsaved draft of the agent; null when it runs on its revision. */
    config: json().$type<AgentConfig>(),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (table) => [index('rehearsals_agent_idx').on(table.agentId, table.id)],
)

/** The tasks of rehearsals. */
export const rehearsedTasks = bellwire.table(
  'rehearsed_tasks',
  {
    taskId: uuid('task_id').primaryKey(),
    rehearsalId: uuid('rehearsal_id').notNull(),
    /** The task whose payload and request it has; null for a payload that no task has received. */
    rehearses: uuid(),
  },
  (table) => [
    index('rehearsed_tasks_rehearsal_idx').on(table.rehearsalId, table.taskId),
    index('rehearsed_tasks_of_idx').on(table.rehearses),
  ],
)

/** What happened to a task after its acceptance: claims, retries, hand-backs, the end. */
export const transitions = bellwire.table(
  'transitions',
  {
    taskId: uuid('task_id').notNull(),
    event: integer().notNull(),
    state: taskState().notNull(),
    /**
     * Why: claimed, succeeded, failed, retry, worker_lost, handed_back, joined, requeued, cancelled, approval_requested,
     * approval_decided, approval_expired, callback_awaited, callback_received, callback_timed_out, held, released.
     */
    reason: text().notNull(),
    attempt: integer().notNull(),
    workerId: bigint('worker_id', { mode: 'number' }),
    error: json().$type<RunError>(),
    /** When the next attempt is due, for a retry. */
    dueAt: at('due_at'),
    createdAt: at('created_at').notNull().defaultNow(),
    xid: xid(),
  },
  (table) => [
    primaryKey({ columns: [table.taskId, table.event] }),
    index('transitions_xid_idx')
      .on(table.xid)
      .where(sql`${table.xid} is not null`),
  ],
)

/** How many more tasks agents with `max_pending_tasks` may have waiting at least: see pendingLimit.ts. */
export const pendingRoom = bellwire.table('pending_room', {
  agentId: uuid('agent_id').primaryKey(),
  room: integer().notNull(),
  /** The limit that `room` was counted for. */
  maxPending: integer('max_pending').notNull(),
})

/**
 * Counts of the tasks accepted in each half hour, so that those of a month need not be read to be counted. Tasks that
 * are deleted later stay counted. See src/tasks/views/overview/rollUp.ts.
 */
export const taskActivity = bellwire.table('task_activity', {
  /** When the half hour begins. */
  slot: at('slot').primaryKey(),
  succeeded: integer().notNull(),
  failed: integer().notNull(),
  cancelled: integer().notNull(),
  /** Those that had not ended when they were counted. */
  unfinished: integer().notNull(),
  /** Durations of those that succeeded: how many are in each bin of src/tasks/views/overview/durations.ts. */
  durations: json().$type<Record<string, number>>().notNull(),
  /** When to count again, because some had not ended; null when all had. */
  recountAt: at('recount_at'),
})
