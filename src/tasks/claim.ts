import type pg from 'pg'
import type { AgentConfig } from '../contract/agent.ts'
import { fromStored } from '../contract/storedConfig.ts'
import type { InboundRequest } from '../contract/task.ts'
import { pipeline, type Database } from '../db/database.ts'
import type { FetchedJob, RunQueue } from '../queue/queue.ts'
import { newId } from '../db/id.ts'
import { admit, type Candidate } from './budgets/admission.ts'
import { expireApprovals } from './approvals/approvalTimeouts.ts'
import { BUDGET_SETTING } from './budgets/budget.ts'
import { deferTasks } from './budgets/defer.ts'
import { pastUsageOf } from './budgets/pastUsage.ts'

/** Says who may write to a task: this worker, in this attempt, while the task is STARTED. */
export type Lease = { taskId: string; attempt: number; workerId: number }

/** A task that this worker holds, with all that its run needs. */
export type ClaimedTask = Lease & {
  agentId: string
  revision: number
  interactive: boolean
  streamed: boolean
  jobId: string
  payload: Buffer
  request: InboundRequest
  failures: number
  /** The request came with a key or a valid signature. */
  senderVerified: boolean
  traceParent: string | undefined
  createdAt: Date
  /** The start of its first attempt. */
  startedAt: Date
  /** Milliseconds that it has waited for people since. */
  waitedMs: number
}

export type Claim = {
  tasks: ClaimedTask[]
  /** Agents that may not run more at present, so that the next claim can leave them out. */
  fullAgents: string[]
}

export type ClaimOptions = {
  workerId: number
  limit: number
  exceptAgents?: string[]
  onlyInteractive?: boolean
}

type Row = Candidate & {
  id: string
  attempt: number
  agent_id: string
  revision: number
  interactive: boolean
  streamed: boolean
  job_id: string
  rank: number
  payload: Buffer
  request: InboundRequest
  failures: number
  sender_verified: boolean
  trace_parent: string | null
  created_at: Date
  started_at: Date
  waited_ms: number
}

/**
 * Takes due tasks for a worker: the fetch of their jobs and their own change to STARTED with a new attempt are
 * one transaction, so that a crash between the two cannot leave a job that nobody holds.
 */
export async function claimTasks(db: Database, queue: RunQueue, options: ClaimOptions): Promise<Claim> {
  return db.transaction(async (tx) => {
    const [, jobs] = await Promise.all([refuseTheDead(tx, options.workerId), queue.fetch(tx, options)])
    if (jobs.length === 0) return { tasks: [], fullAgents: [] }
    await expireApprovals(
      tx,
      jobs.filter((job) => job.endsWait),
    )
    const rows = await takeTasks(tx, options.workerId, jobs)
    const { admitted, excess, fullAgents, exhausted } = await admit(tx, rows, pastUsageOf(db))
    await putBack(tx, queue, excess)
    await deferTasks(tx, queue, exhausted)

    // A job whose task has ended, or was queued anew since, wakes nobody.
    const taken = new Set(rows.map((row) => row.job_id))
    await queue.settle(
      tx,
      jobs.filter((job) => !taken.has(job.id)),
    )
    logStart(tx, options.workerId, admitted)
    return { tasks: admitted.map((row) => claimedTask(row, options.workerId)), fullAgents }
  })
}

/**
 * Others that declare this worker dead change its row before they take its tasks: whoever is first, the other
 * waits. Otherwise a claim that commits after its worker was killed, or that a frozen one makes when it wakes
 * up, would hold tasks that nobody looks for any more.
 */
async function refuseTheDead(tx: pg.PoolClient, workerId: number): Promise<void> {
  const { rows } = await tx.query<{ ended: boolean }>({
    name: 'workers_share',
    text: 'select ended_at is not null as ended from bellwire.workers where id = $1 for share',
    values: [workerId],
  })
  // The row of one that ended long ago is deleted.
  if (rows[0]?.ended ?? true) throw new Error('others have declared this worker dead: it may not claim tasks')
}

async function takeTasks(tx: pg.PoolClient, workerId: number, jobs: FetchedJob[]): Promise<Row[]> {
  const { rows } = await tx.query<Row>({
    name: 'tasks_claim',
    text: `with taken as (
        update bellwire.tasks t
        set state = 'STARTED', attempt = t.attempt + 1, worker_id = $1, started_at = coalesce(t.started_at, now()),
          held = null, last_event = t.last_event + 1
        from unnest($2::uuid[], $3::uuid[]) as j(job_id, task_id)
        where t.id = j.task_id and t.job_id = j.job_id and t.worker_id is null and t.state in ('PENDING', 'STARTED')
        returning t.*
      )
      select t.id, t.attempt, t.agent_id, t.revision, t.interactive, t.streamed, t.job_id, t.rank, t.payload, t.request,
        t.failures, t.sender_verified, t.trace_parent, t.created_at, t.started_at, t.waited_ms::float8 as waited_ms,
        (r.config -> 'limits' ->> 'max_concurrent_runs')::int as max_runs, r.config -> 'budget' as budget,
        (select value from bellwire.settings where name = '${BUDGET_SETTING}') as instance_budget
      from taken t
      join bellwire.agents a on a.id = t.agent_id
      join bellwire.agent_revisions r on r.agent_id = a.id and r.revision = a.revision
      order by t.interactive desc, t.rank`,
    values: [workerId, jobs.map((job) => job.id), jobs.map((job) => job.taskId)],
  })
  return rows
}

/** Undoes the claim of tasks: as they were, in the queue again at the same rank. */
async function putBack(tx: pg.PoolClient, queue: RunQueue, rows: Row[]): Promise<void> {
  if (rows.length === 0) return
  const jobs = rows.map((row) => ({
    id: newId(),
    taskId: row.id,
    agentId: row.agent_id,
    interactive: row.interactive,
    rank: row.rank,
  }))
  await tx.query(
    `update bellwire.tasks t
      set state = case when t.attempt = 1 then 'PENDING'::bellwire.task_state else t.state end,
        started_at = case when t.attempt = 1 then null else t.started_at end,
        attempt = t.attempt - 1, worker_id = null, last_event = t.last_event - 1, job_id = j.job_id
      from unnest($1::uuid[], $2::uuid[]) as j(task_id, job_id) where t.id = j.task_id`,
    [jobs.map((job) => job.taskId), jobs.map((job) => job.id)],
  )
  await queue.settle(
    tx,
    rows.map((row) => ({ id: row.job_id, retryCount: 0 })),
  )
  await queue.insert(tx, jobs)
}

function logStart(tx: pg.PoolClient, workerId: number, rows: Row[]): void {
  if (rows.length === 0) return
  const statement = tx.query({
    name: 'tasks_log_start',
    text: `insert into bellwire.transitions (task_id, event, state, reason, attempt, worker_id)
      select t.id, t.last_event, 'STARTED', 'claimed', t.attempt, $1
      from bellwire.tasks t where t.id = any($2::uuid[])`,
    values: [workerId, rows.map((row) => row.id)],
  })
  pipeline(tx, statement)
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
    jobId: row.job_id,
    payload: row.payload,
    request: row.request,
    failures: row.failures,
    senderVerified: row.sender_verified,
    traceParent: row.trace_parent ?? undefined,
    createdAt: row.created_at,
    startedAt: row.started_at,
    waitedMs: row.waited_ms,
  }
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
