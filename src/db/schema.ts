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
import type { ModelPrice } from '../contract/price.ts'
import type { RejectionReason } from '../contract/rejectionReason.ts'
import type { Held, InboundRequest, RunError, RunResult, Usage } from '../contract/task.ts'

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

/** Facts about this database: the fingerprint of the secret key among them. */
export const settings = bellwire.table('settings', {
  name: text().primaryKey(),
  value: text().notNull(),
})

/** A named configuration. What it says stands in its newest revision. */
export const agents = bellwire.table('agents', {
  id: uuid().primaryKey(),
  name: text().notNull(),
  revision: integer().notNull(),
  createdAt: at('created_at').notNull().defaultNow(),
  updatedAt: at('updated_at').notNull().defaultNow(),
  /** A deleted agent keeps its row, so that its tasks still say what they were. */
  deletedAt: at('deleted_at'),
  /** What was to become of tasks that had not ended when it was deleted; null when there were none. */
  deleteMode: text('delete_mode', { enum: ['cancel', 'finish'] }),
})

/** Immutable. A task names the one that it was accepted with. */
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

/** An entrance to an agent. */
export const webhooks = bellwire.table(
  'webhooks',
  {
    id: uuid().primaryKey(),
    agentId: uuid('agent_id')
      .notNull()
      .references(() => agents.id),
    name: text().notNull(),
    /** The one that GET /api/agent_webhook hands out. */
    isDefault: boolean('is_default').notNull().default(false),
    enabled: boolean().notNull().default(true),
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

/** The tokens of a webhook: hashed for look-up, encrypted for showing again. A rotated one expires. */
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

/** Named values that tools may use. Only the ciphertext is kept. */
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
  /** The last four characters, so that a person can tell keys apart. */
  hint: text().notNull(),
  createdAt: at('created_at').notNull().defaultNow(),
})

/** Codes of links that sign in to the console: each is good once, for minutes. */
export const signInCodes = bellwire.table('sign_in_codes', {
  hash: bytea().primaryKey(),
  expiresAt: at('expires_at').notNull(),
})

/** Who is signed in to the console. A session that a key opened ends with that key. */
export const sessions = bellwire.table(
  'sessions',
  {
    /** SHA-256 of what the cookie holds. */
    hash: bytea().primaryKey(),
    /** Null when it was opened by a link. */
    keyId: uuid('key_id').references(() => apiKeys.id, { onDelete: 'cascade' }),
    createdAt: at('created_at').notNull().defaultNow(),
    expiresAt: at('expires_at').notNull(),
  },
  (table) => [index('sessions_key_idx').on(table.keyId)],
)

/** Worker processes, alive and gone. A number is never used twice. */
export const workers = bellwire.table(
  'workers',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    name: text().notNull(),
    startedAt: at('started_at').notNull().defaultNow(),
    heartbeatAt: at('heartbeat_at').notNull().defaultNow(),
    /** Set when it left, or when others found it gone. From then on it may not write. */
    endedAt: at('ended_at'),
    /** The worker that started it to run one task alone; null for every other worker. */
    parentId: bigint('parent_id', { mode: 'number' }),
    /** What it has counted since it began, for GET /metrics. */
    metrics: json().$type<unknown>(),
  },
  (table) => [
    index('workers_alive_idx')
      .on(table.id)
      .where(sql`${table.endedAt} is null`),
  ],
)

/** What few tasks are in: states that are rarely entered, and running tasks that are between two attempts. */
const isRare = (table: { state: AnyPgColumn; workerId: AnyPgColumn }): SQL =>
  sql`${table.workerId} is null and ${table.state} in ('STARTED', 'WAITING', 'FAILURE', 'CANCELLED')`

/**
 * One accepted trigger and its run. This table and those below it are written on the hot path and carry no
 * foreign keys: revisions are never deleted, and whatever deletes a task deletes its rows with it.
 */
export const tasks = bellwire.table(
  'tasks',
  {
    id: uuid().primaryKey(),
    agentId: uuid('agent_id').notNull(),
    revision: integer().notNull(),
    webhookId: uuid('webhook_id'),
    /** Which door it came through: webhook, answer, stream, ... */
    origin: text().notNull(),
    state: taskState().notNull().default('PENDING'),
    /** Somebody waits for the result: such tasks come first. */
    interactive: boolean().notNull().default(false),
    /** Somebody reads along: the model's answer is streamed. */
    streamed: boolean().notNull().default(false),
    /** Whether the request came with a key or a valid signature; a secret URL alone verifies nobody. */
    senderVerified: boolean('sender_verified').notNull().default(false),
    /** The body as it was received; JSON text. Not jsonb, which refuses what JSON allows. */
    payload: bytea().notNull(),
    request: json().$type<InboundRequest>().notNull(),
    /** The fence: how often it was claimed. A write with an older number has no effect. */
    attempt: integer().notNull().default(0),
    /** The worker that holds it; null when none does. */
    workerId: bigint('worker_id', { mode: 'number' }),
    failures: integer().notNull().default(0),
    /** Workers lost since the last new step. */
    crashes: integer().notNull().default(0),
    /** The number of the newest event; the first, its acceptance, is 1. */
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
    /** Milliseconds that it has spent WAITING before: they do not count against its deadline. */
    waitedMs: bigint('waited_ms', { mode: 'number' }).notNull().default(0),
  },
  (table) => [
    index('tasks_agent_idx').on(table.agentId, table.id),
    index('tasks_live_idx')
      .on(table.workerId, table.id)
      .where(sql`${table.state} in ('PENDING', 'STARTED', 'WAITING')`),
    // For lists; see listStatement.ts. Neither an acceptance nor a run that goes well writes to them.
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
 * What is due, or will be: a row for each task that waits for a worker or for its time. A claim deletes it, so a
 * task is here, or in the hands of a worker, or has ended.
 */
export const queue = bellwire.table(
  'queue',
  {
    taskId: uuid('task_id').primaryKey(),
    agentId: uuid('agent_id').notNull(),
    /** Place in the order, the lowest first; null while it is not due. See src/queue/rank.ts. */
    rank: bigint({ mode: 'number' }),
    dueAt: at('due_at').notNull().defaultNow(),
    /** What put it here: see `Why` in src/queue/queue.ts. */
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

/** The highest place that was claimed: where an empty queue goes on. */
export const queueHead = bellwire.sequence('queue_head', { startWith: 0, minValue: 0 })

/** Keys that were seen lately, and the task that each one made. */
export const idempotencyKeys = bellwire.table(
  'idempotency_keys',
  {
    agentId: uuid('agent_id').notNull(),
    /** SHA-256 of the key. */
    hash: bytea().notNull(),
    taskId: uuid('task_id').notNull(),
    expiresAt: at('expires_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.agentId, table.hash] }),
    index('idempotency_keys_expiry_idx').on(table.expiresAt),
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
    /** When the next try is due, for a retry. */
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
    /** Names the call within its task, the same on every replay. */
    key: text().notNull(),
    event: integer().notNull(),
    kind: text().$type<'model' | 'tool'>().notNull(),
    /** The model, or the tool. */
    name: text().notNull(),
    /** Counts the model calls of the run from 0; a tool call carries the number of the call that asked for it. */
    step: integer().notNull(),
    state: text().$type<'started' | 'done' | 'failed'>().notNull(),
    attempt: integer().notNull(),
    /** What went in; json, because jsonb refuses NUL characters and lone surrogates. */
    input: json().$type<unknown>(),
    output: json().$type<unknown>(),
    usage: json().$type<Usage>(),
    startedAt: at('started_at').notNull(),
    finishedAt: at('finished_at'),
  },
  (table) => [primaryKey({ columns: [table.taskId, table.key] })],
)

/**
 * What model calls used on each day (UTC), added up as their answers enter the journal: a call that is answered
 * from the journal is not in it again.
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
    /** Calls without a known price, which `costUsd` does not hold. */
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

/** Prices that operators have set: US dollars for a million tokens. They come before the built-in ones. */
export const modelPrices = bellwire.table('model_prices', {
  model: text().primaryKey(),
  price: json().$type<ModelPrice>().notNull(),
  updatedAt: at('updated_at').notNull().defaultNow(),
})

/** Calls that wait, or waited, for a person. Each is decided once. */
export const approvals = bellwire.table(
  'approvals',
  {
    id: uuid().primaryKey(),
    taskId: uuid('task_id').notNull(),
    agentId: uuid('agent_id').notNull(),
    /** The number of its newest event: the request, then the decision. */
    event: integer().notNull(),
    /** Names the call in the journal. */
    key: text().notNull(),
    tool: text().notNull(),
    access: text().$type<'read' | 'write'>().notNull(),
    step: integer().notNull(),
    /** As the model wrote them. */
    arguments: json().$type<unknown>(),
    /** The JSON Schema that edited arguments must fit. */
    parameters: json().$type<Record<string, unknown>>().notNull(),
    state: text().$type<ApprovalState>().notNull().default('waiting'),
    /** What the call is made with instead, when a person has changed them. */
    editedArguments: json('edited_arguments').$type<unknown>(),
    /** Why it was denied, in the words of who did. */
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
  /** What the last group was given. */
  granted: integer().notNull(),
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
