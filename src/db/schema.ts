import { sql, type SQL } from 'drizzle-orm'
import {
  bigint,
  boolean,
  customType,
  date,
  index,
  integer,
  json,
  numeric,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
  type AnyPgColumn,
} from 'drizzle-orm/pg-core'
import type { AgentConfig } from '../contract/agent.ts'
import type { ApprovalState } from '../contract/approval.ts'
import type { CallbackEvent, TaskCallback } from '../contract/callback.ts'
import type { ModelPrice } from '../contract/price.ts'
import type { RejectionReason } from '../contract/rejectionReason.ts'
import type { Held, InboundRequest, RunError, RunResult, Usage } from '../contract/task.ts'
import type { WebhookOptions } from '../contract/webhookOptions.ts'

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' })

export const bellwire = pgSchema('bellwire')

export const taskState = bellwire.enum('task_state', [
  'PENDING',
  'STARTED',
  'WAITING',
  'SUCCESS',
  'FAILURE',
  'CANCELLED',
])

/** Properties of this database, such as the fingerprint of the secret key. */
export const settings = bellwire.table('settings', {
  name: text().primaryKey(),
  value: text().notNull(),
})

/** A named configuration, stored in its revisions. */
export const agents = bellwire.table('agents', {
  id: uuid().primaryKey(),
  name: text().notNull(),
  revision: integer().notNull(),
  createdAt: at('created_at').notNull().defaultNow(),
  updatedAt: at('updated_at').notNull().defaultNow(),
  /** A deleted agent keeps its row, so that its tasks remain readable. */
  deletedAt: at('deleted_at'),
  /** What was to happen to its unfinished tasks when it was deleted; null when there were none. */
  deleteMode: text('delete_mode', { enum: ['cancel', 'finish'] }),
})

/** Immutable. A task refers to the revision that it was accepted with. */
export const agentRevisions = bellwire.table(
  'agent_revisions',
  {
    agentId: uuid('agent_id')
      .notNull()
      .references(() => agents.id),
    revision: integer().notNull(),
    config: json().$type<AgentConfig>().notNull(),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.agentId, table.revision] })],
)

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

/** Cron expressions that start agents. */
export const schedules = bellwire.table(
  'schedules',
  {
    id: uuid().primaryKey(),
    agentId: uuid('agent_id')
      .notNull()
      .references(() => agents.id),
    name: text().notNull(),
    cron: text().notNull(),
    timeZone: text('time_zone').notNull(),
    /** Its strings are templates. */
    payload: json().$type<unknown>().notNull(),
    /** Whether it beats while the task of an earlier beat has not ended. */
    overlap: boolean().notNull(),
    /** Null while it is disabled. */
    nextAt: at('next_at'),
    lastBeatAt: at('last_beat_at'),
    lastTaskId: uuid('last_task_id'),
    /** The last beat that started no task, and why. */
    lastSkip: json('last_skip').$type<{ at: string; reason: string }>(),
    createdAt: at('created_at').notNull().defaultNow(),
    updatedAt: at('updated_at').notNull().defaultNow(),
  },
  (table) => [
    index('schedules_agent_idx').on(table.agentId, table.id),
    index('schedules_next_idx')
      .on(table.nextAt)
      .where(sql`${table.nextAt} is not null`),
  ],
)

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
    /** task.succeeded, task.failed, task.cancelled, task.waiting */
    event: text().notNull(),
    /** The state of the task at the time. */
    taskEvent: integer('task_event').notNull(),
    /** Where it goes; null: to the address of the webhook at the time of the first attempt. */
    url: text(),
    content: text().$type<'full' | 'thin'>().notNull(),
    /** What is sent, from the first attempt on the same. */
    body: bytea(),
    state: text().$type<'pending' | 'delivered' | 'failed'>().notNull().default('pending'),
    attempts: integer().notNull().default(0),
    /** Attempts of the present round: those before it was sent again by hand do not count. */
    roundAttempts: integer('round_attempts').notNull().default(0),
    /** When the next attempt is due; while one is under way, when others may take it for lost. Null at the end. */
    dueAt: at('due_at').defaultNow(),
    error: text(),
    createdAt: at('created_at').notNull().defaultNow(),
    finishedAt: at('finished_at'),
  },
  (table) => [
    uniqueIndex('deliveries_number_idx').on(table.number),
    index('deliveries_due_idx')
      .on(table.dueAt)
      .where(sql`${table.dueAt} is not null`),
    index('deliveries_task_idx').on(table.taskId),
    index('deliveries_webhook_idx').on(table.webhookId, table.number),
    index('deliveries_failed_idx')
      .on(table.number)
      .where(sql`${table.state} = 'failed'`),
  ],
)

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

/** Named values for tools. Only the ciphertext is stored. */
export const secrets = bellwire.table('secrets', {
  name: text().primaryKey(),
  ciphertext: bytea().notNull(),
  createdAt: at('created_at').notNull().defaultNow(),
  updatedAt: at('updated_at').notNull().defaultNow(),
})

export const apiKeys = bellwire.table('api_keys', {
  id: uuid().primaryKey(),
  name: text().notNull(),
  scope: text().$type<'admin' | 'agent'>().notNull(),
  agentId: uuid('agent_id').references(() => agents.id),
  hash: bytea().notNull().unique(),
  /** The last four characters, to identify the key. */
  hint: text().notNull(),
  createdAt: at('created_at').notNull().defaultNow(),
})

/** Codes of sign-in links to the console: each works once, for ten minutes. */
export const signInCodes = bellwire.table('sign_in_codes', {
  hash: bytea().primaryKey(),
  expiresAt: at('expires_at').notNull(),
})

/** Console sessions. A session opened with a key ends with that key. */
export const sessions = bellwire.table(
  'sessions',
  {
    /** SHA-256 of the cookie's value. */
    hash: bytea().primaryKey(),
    /** Null when it was opened by a link. */
    keyId: uuid('key_id').references(() => apiKeys.id, { onDelete: 'cascade' }),
    createdAt: at('created_at').notNull().defaultNow(),
    expiresAt: at('expires_at').notNull(),
  },
  (table) => [index('sessions_key_idx').on(table.keyId)],
)

/** Worker processes, alive and ended. A number is never reused. */
export const workers = bellwire.table(
  'workers',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    name: text().notNull(),
    startedAt: at('started_at').notNull().defaultNow(),
    heartbeatAt: at('heartbeat_at').notNull().defaultNow(),
    /** Set when it stopped, or when others declared it dead. From then on its writes are rejected. */
    endedAt: at('ended_at'),
    /** The worker that started it to run one task alone; null for every other worker. */
    parentId: bigint('parent_id', { mode: 'number' }),
    /** Its counters since it started, for GET /metrics. */
    metrics: json().$type<unknown>(),
  },
  (table) => [
    index('workers_alive_idx')
      .on(table.id)
      .where(sql`${table.endedAt} is null`),
  ],
)

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
    index('tasks_held_idx')
      .on(table.agentId, table.id)
      .where(sql`${table.held} is not null`),
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
 * What write tools have made lately, so that an event about it can be recognised as the agent's own. Expires after an
 * hour.
 */
export const ownObjects = bellwire.table(
  'own_objects',
  {
    /** The first half of SHA-256 over the agent's id and the URL or the id of the object. */
    key: uuid().primaryKey(),
    taskId: uuid('task_id').notNull(),
    madeAt: at('made_at').notNull(),
  },
  (table) => [index('own_objects_made_idx').on(table.madeAt)],
)

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

/** What happened to a task after its acceptance: claims, retries, hand-backs, the end. */
export const transitions = bellwire.table(
  'transitions',
  {
    taskId: uuid('task_id').notNull(),
    event: integer().notNull(),
    state: taskState().notNull(),
    /**
     * Why: claimed, succeeded, failed, retry, worker_lost, handed_back, requeued, cancelled, approval_requested,
     * approval_decided, approval_expired, held, released.
     */
    reason: text().notNull(),
    attempt: integer().notNull(),
    workerId: bigint('worker_id', { mode: 'number' }),
    error: json().$type<RunError>(),
    /** When the next attempt is due, for a retry. */
    dueAt: at('due_at'),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.taskId, table.event] })],
)

/** The journal: one row for each model call and each tool call of a run. */
export const steps = bellwire.table(
  'steps',
  {
    taskId: uuid('task_id').notNull(),
    /** Identifies the call within its task, the same on every replay. */
    key: text().notNull(),
    event: integer().notNull(),
    kind: text().$type<'model' | 'tool'>().notNull(),
    /** The model or the tool. */
    name: text().notNull(),
    /**
     * Number of the model call within the run, from 0; a tool call has the number of the model call that requested it.
     */
    step: integer().notNull(),
    state: text().$type<'started' | 'done' | 'failed'>().notNull(),
    attempt: integer().notNull(),
    /** The input; json, because jsonb rejects NUL characters and lone surrogates. */
    input: json().$type<unknown>(),
    output: json().$type<unknown>(),
    usage: json().$type<Usage>(),
    startedAt: at('started_at').notNull(),
    finishedAt: at('finished_at'),
    /** Its input and output were deleted because of their age. */
    purgedAt: at('purged_at'),
  },
  (table) => [primaryKey({ columns: [table.taskId, table.key] })],
)

/**
 * Use of model calls per day (UTC), added when their answers enter the journal: a call answered from the journal is not
 * counted again.
 */
export const usageDaily = bellwire.table(
  'usage_daily',
  {
    day: date({ mode: 'string' }).notNull(),
    agentId: uuid('agent_id').notNull(),
    model: text().notNull(),
    /** Runs that made their first model call on this day. */
    runs: bigint({ mode: 'number' }).notNull(),
    modelCalls: bigint('model_calls', { mode: 'number' }).notNull(),
    /** Calls without a known price, not included in `costUsd`. */
    unpricedModelCalls: bigint('unpriced_model_calls', { mode: 'number' }).notNull(),
    inputTokens: bigint('input_tokens', { mode: 'number' }).notNull(),
    cachedInputTokens: bigint('cached_input_tokens', { mode: 'number' }).notNull(),
    outputTokens: bigint('output_tokens', { mode: 'number' }).notNull(),
    reasoningTokens: bigint('reasoning_tokens', { mode: 'number' }).notNull(),
    costUsd: numeric('cost_usd').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.day, table.agentId, table.model] }),
    index('usage_daily_agent_idx').on(table.agentId, table.day),
  ],
)

/** Prices set by operators: US dollars per million tokens. They override the built-in ones. */
export const modelPrices = bellwire.table('model_prices', {
  model: text().primaryKey(),
  price: json().$type<ModelPrice>().notNull(),
  updatedAt: at('updated_at').notNull().defaultNow(),
})

/** Calls that wait, or waited, for approval. Each is decided once. */
export const approvals = bellwire.table(
  'approvals',
  {
    id: uuid().primaryKey(),
    taskId: uuid('task_id').notNull(),
    agentId: uuid('agent_id').notNull(),
    /** The number of its newest event: the request, then the decision. */
    event: integer().notNull(),
    /** Identifies the call in the journal. */
    key: text().notNull(),
    tool: text().notNull(),
    access: text().$type<'read' | 'write'>().notNull(),
    step: integer().notNull(),
    /** What the tool wants to know; null when the call itself is to be approved. */
    question: text(),
    /** As the model wrote them; for a question the answer that is suggested. */
    arguments: json().$type<unknown>(),
    /** The JSON Schema that edited arguments, or the answer, must fit. */
    parameters: json().$type<Record<string, unknown>>().notNull(),
    state: text().$type<ApprovalState>().notNull().default('waiting'),
    /** The edited arguments that the call is made with, if any. */
    editedArguments: json('edited_arguments').$type<unknown>(),
    /** Why it was denied, in the words of the person who denied it. */
    reason: text(),
    /** The API key that decided, itself or through a session that it opened. */
    decidedBy: uuid('decided_by'),
    createdAt: at('created_at').notNull().defaultNow(),
    expiresAt: at('expires_at').notNull(),
    decidedAt: at('decided_at'),
  },
  (table) => [
    uniqueIndex('approvals_call_idx').on(table.taskId, table.key),
    index('approvals_agent_idx').on(table.agentId, table.id),
    index('approvals_waiting_idx')
      .on(table.id)
      .where(sql`${table.state} = 'waiting'`),
  ],
)

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
  },
  (table) => [
    index('rejections_webhook_idx').on(table.webhookId, table.id),
    index('rejections_agent_idx').on(table.agentId, table.id),
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

/** How many more tasks agents with `max_pending_tasks` may have waiting at least: see pendingLimit.ts. */
export const pendingRoom = bellwire.table('pending_room', {
  agentId: uuid('agent_id').primaryKey(),
  room: integer().notNull(),
  /** The limit that `room` was counted for. */
  maxPending: integer('max_pending').notNull(),
})

/** Wrong tokens, keys and sign-ins of each client address. */
export const failedAttempts = bellwire.table(
  'failed_attempts',
  {
    kind: text().notNull(),
    address: text().notNull(),
    failures: integer().notNull(),
    resetsAt: at('resets_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.kind, table.address] }),
    index('failed_attempts_reset_idx').on(table.resetsAt),
  ],
)
