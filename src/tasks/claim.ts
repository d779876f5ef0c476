import type pg from 'pg'
import type { AgentConfig } from '../contract/agent.ts'
import { fromStored } from '../contract/storedConfig.ts'
import type { InboundRequest } from '../contract/task.ts'
import { pipeline, type Database } from '../db/database.ts'
import { onlyRow } from '../db/onlyRow.ts'
import { dueRows, removeFromQueue, type DueOptions, type DueRow } from '../queue/queue.ts'
import { admit, type Candidate } from './budgets/admission.ts'
import { BUDGET_SETTING } from './budgets/budget.ts'
import { deferTasks } from './budgets/defer.ts'
import { pastUsageOf } from './budgets/pastUsage.ts'

/** Payloads up to this size are read with the claim: fifty at once must not take gigabytes. */
const ALONG_BYTES = 256 * 1024

/** Identifies who may write to a task: this worker, in this attempt, while the task is STARTED. */
export type Lease = { taskId: string; attempt: number; workerId: number }

/** A task that this worker holds, with everything that its run needs. */
export type ClaimedTask = Lease & {
  agentId: string
  revision: number
  interactive: boolean
  streamed: boolean
  /** JSON text; undefined when it is too large to be read with others: see {@link readPayload}. */
  payload: Buffer | undefined
  request: InboundRequest
  failures: number
  /** How the task came in: `webhook`, `answer`, … */
  origin: string
  /** The request had a key or a valid signature. */
  senderTrusted: boolean
  traceParent: string | undefined
  /** Its conversation, and its place in it; see src/tasks/conversations. */
  conversationId: string | undefined
  turn: number | undefined
  createdAt: Date
  /** Milliseconds since its first attempt started, by the clock of the database at the claim. */
  elapsedMs: number
  /** Milliseconds that it has waited for approval since. */
  waitedMs: number
  /** Milliseconds that it spent in the queue before its first attempt. */
  queuedMs: number
}

export type Claim = {
  tasks: ClaimedTask[]
  /** Agents that may not run more at present, so that the next claim can exclude them. */
  fullAgents: string[]
  /** The ranks that were found, lowest first: they determine where the next claim may start. */
  found: number[]
}

export type ClaimOptions = DueOptions & { workerId: number }

type Row = {
  id: string
  attempt: number
  agent_id: string
  revision: number
  interactive: boolean
  streamed: boolean
  payload: Buffer | null
  request: InboundRequest
  origin: string
  failures: number
  sender_trusted: boolean
  trace_parent: string | null
  conversation_id: string | null
  turn: number | null
  created_at: Date
  elapsed_ms: number
  waited_ms: number
  queued_ms: number
}

/**
 * Claims due tasks for a worker. Finding their rows in the queue, deleting these, and setting the tasks to STARTED with
 * a new attempt is one transaction; tasks that may not run yet keep their rows unchanged.
 */
export async function claimTasks(db: Database, options: ClaimOptions): Promise<Claim> {
  return db.transaction(async (tx) => {
    const due = await findDue(tx, options)
    if (due.length === 0) return { tasks: [], fullAgents: [], found: [] }
    const { admitted, fullAgents, exhausted } = await admit(tx, due, pastUsageOf(db))
    const tasks = await takeTasks(
      tx,
      options.workerId,
      admitted.map((row) => row.id),
    )
    await deferTasks(tx, exhausted)
    const order = new Map(due.map((row, index) => [row.id, index]))
    return {
      tasks: tasks.toSorted((a, b) => (order.get(a.taskId) ?? 0) - (order.get(b.taskId) ?? 0)),
      fullAgents,
      found: due.map((row) => row.rank),
    }
  })
}

/**
 * Claims one task that waits to be run alone.
 *
 * @returns undefined when it no longer waits for that
 */
export async function claimSuspect(
  db: Database,
  { workerId, taskId }: { workerId: number; taskId: string },
): Promise<ClaimedTask | undefined> {
  return db.transaction(async (tx) => {
    const { rowCount } = await tx.query(
      `select 1 from bellwire.queue where task_id = $1 and why = 'suspect' for update skip locked`,
      [taskId],
    )
    if (!rowCount) return undefined
    return (await takeTasks(tx, workerId, [taskId]))[0]
  })
}

/** Locks due rows, and reads what determines whether their tasks may run. */
async function findDue(tx: pg.PoolClient, options: DueOptions): Promise<(Candidate & { rank: number })[]> {
  const { ctes, values } = dueRows(options)
  const { rows } = await tx.query<
    Omit<DueRow, 'task_id'> & Omit<Candidate, 'isNew'> & { id: string; rank: number }
  >({
    name: options.onlyInteractive ? 'queue_due_interactive' : 'queue_due',
    text: `with ${ctes}
      select q.task_id as id, q.agent_id, q.rank::float8 as rank, q.why,
        (r.config -> 'limits' ->> 'max_concurrent_runs')::int as max_runs, r.config -> 'budget' as budget,
        (select value from bellwire.settings where name = '${BUDGET_SETTING}') as instance_budget
      from due q
      left join bellwire.agents a on a.id = q.agent_id
      left join bellwire.agent_revisions r on r.agent_id = a.id and r.revision = a.revision
      order by q.rank, q.task_id`,
    values,
  })
  return rows.map(({ why, ...row }) => ({ ...row, isNew: why === 'accepted' || why === 'deferred' }))
}

/**
 * Takes the rows of tasks out of the queue and sets the tasks to STARTED. A row of an ended task starts nothing.
 *
 * Others that declare this worker dead change its row before they take its tasks: the first to do so makes the other
 * wait. Otherwise a claim that commits after its worker was killed, or that a frozen one makes when it wakes up, would
 * hold tasks that nobody would recover.
 */
async function takeTasks(tx: pg.PoolClient, workerId: number, ids: string[]): Promise<ClaimedTask[]> {
  if (ids.length === 0) return []
  pipeline(tx, removeFromQueue(tx, ids))
  const { rows } = await tx.query<(Row | { id: null }) & { alive: boolean }>({
    name: 'tasks_claim',
    // The row of a worker that ended long ago is deleted.
    text: `with alive as (
        select 1 from bellwire.workers where id = $1 and ended_at is null for share
      ), taken as (
        update bellwire.tasks t
        set state = 'STARTED', attempt = t.attempt + 1, worker_id = $1, started_at = coalesce(t.started_at, now()),
          held = null, last_event = t.last_event + 1
        where t.id = any($2::uuid[]) and t.worker_id is null and t.state in ('PENDING', 'STARTED')
        returning t.*
      ), logged as (
        insert into bellwire.transitions (task_id, event, state, reason, attempt, worker_id)
        select id, last_event, state, 'claimed', attempt, worker_id from taken
      )
      select exists (select from alive) as alive, id, attempt, agent_id, revision, interactive, streamed,
        case when octet_length(payload) <= ${ALONG_BYTES} then payload end as payload, request, origin, failures, sender_trusted, trace_parent,
        conversation_id, turn::float8 as turn, created_at, waited_ms::float8 as waited_ms,
        (extract(epoch from clock_timestamp() - started_at) * 1000)::float8 as elapsed_ms,
        (extract(epoch from started_at - created_at) * 1000)::float8 as queued_ms
      from (select) one left join taken on true`,
    values: [workerId, ids],
  })
  if (!rows[0]?.alive) throw new Error('others have declared this worker dead: it may not claim tasks')
  return rows.flatMap((row) => (row.id === null ? [] : [claimedTask(row, workerId)]))
}

function claimedTask(row: Row, workerId: number): ClaimedTask {
  return {
    taskId: row.id,
    attempt: row.attempt,
    workerId,
    agentId: row.agent_id,
    revision: row.revision,
    interactive: row.interactive,
    streamed: row.streamed,
    payload: row.payload ?? undefined,
    request: row.request,
    origin: row.origin,
    failures: row.failures,
    senderTrusted: row.sender_trusted,
    traceParent: row.trace_parent ?? undefined,
    conversationId: row.conversation_id ?? undefined,
    turn: row.turn ?? undefined,
    createdAt: row.created_at,
    elapsedMs: row.elapsed_ms,
    waitedMs: row.waited_ms,
    queuedMs: row.queued_ms,
  }
}

/** Reads the payload of a task. */
export async function readPayload(db: Database, taskId: string): Promise<Buffer> {
  const { rows } = await db.pool.query<{ payload: Buffer }>({
    name: 'payload_read',
    text: 'select payload from bellwire.tasks where id = $1',
    values: [taskId],
  })
  return onlyRow({ rows }).payload
}

/** Reads which tasks a worker holds according to the database. */
export async function readHeld(db: Database, workerId: number): Promise<{ id: string; attempt: number }[]> {
  const { rows } = await db.pool.query<{ id: string; attempt: number }>({
    name: 'tasks_held',
    text: `select id, attempt from bellwire.tasks
      where worker_id = $1 and state in ('PENDING', 'STARTED', 'WAITING')`,
    values: [workerId],
  })
  return rows
}

/** Reads the configuration that a task was accepted with. */
export async function readRevision(db: Database, agentId: string, revision: number): Promise<AgentConfig> {
  const { rows } = await db.pool.query<{ config: AgentConfig }>({
    name: 'revision_read',
    text: 'select config from bellwire.agent_revisions where agent_id = $1 and revision = $2',
    values: [agentId, revision],
  })
  if (!rows[0]) throw new Error(`revision ${revision} of agent ${agentId} is missing`)
  return fromStored(rows[0].config)
}
