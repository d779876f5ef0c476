import type pg from 'pg'
import { newId } from '../../db/id.ts'
import type { FetchedJob, RunQueue } from '../../queue/queue.ts'

/**
 * Ends the wait of tasks whose time is up: what nobody has decided is expired, and the task is STARTED again.
 * The caller holds the jobs, and with them keeps decisions away.
 */
export async function expireApprovals(tx: pg.PoolClient, jobs: FetchedJob[]): Promise<void> {
  if (jobs.length === 0) return
  await tx.query(
    `with due as (
        select t.id, t.last_event
        from bellwire.tasks t
        join unnest($1::uuid[], $2::uuid[]) as j(job_id, task_id) on t.id = j.task_id and t.job_id = j.job_id
        where t.state = 'WAITING' order by t.id for update of t
      ), numbered as (
        select a.id, d.last_event + row_number() over (partition by a.task_id order by a.id) as event
        from bellwire.approvals a join due d on d.id = a.task_id where a.state = 'waiting'
      ), expired as (
        update bellwire.approvals a set state = 'expired', decided_at = now(), event = n.event
        from numbered n where a.id = n.id
        returning a.task_id, a.event
      ), ended as (
        update bellwire.tasks t
        set state = 'STARTED', waiting_since = null, waited_ms = ${WAITED},
          last_event = 1 + coalesce((select max(e.event) from expired e where e.task_id = t.id), t.last_event)
        from due d where t.id = d.id
        returning t.*
      )
      insert into bellwire.transitions (task_id, event, state, reason, attempt)
      select id, last_event, state, 'approval_expired', attempt from ended`,
    [jobs.map((job) => job.id), jobs.map((job) => job.taskId)],
  )
}

/** What `tasks t` has waited in all when its present wait, if there is one, ends now. */
export const WAITED = `t.waited_ms + coalesce(extract(epoch from now() - t.waiting_since) * 1000, 0)::bigint`

/**
 * Gives tasks that wait and have lost the job which would end their wait another one.
 *
 * @returns how many there were
 */
export async function repairWaits(tx: pg.PoolClient, queue: RunQueue, limit: number): Promise<number> {
  const { rows } = await tx.query<{
    id: string
    agent_id: string
    interactive: boolean
    rank: number
    delay_ms: number
  }>(
    `select t.id, t.agent_id, t.interactive, t.rank,
        greatest(0, ceil(extract(epoch from coalesce(
          (select min(a.expires_at) from bellwire.approvals a where a.task_id = t.id and a.state = 'waiting'), now()
        ) - now()) * 1000))::float8 as delay_ms
      from bellwire.tasks t
      where t.worker_id is null and t.state = 'WAITING'
        and not exists (select 1 from ${queue.table} j where j.id = t.job_id and j.state < 'active')
      order by t.id limit $1 for update skip locked`,
    [limit],
  )
  if (rows.length === 0) return 0
  const jobs = rows.map((row) => ({
    id: newId(),
    taskId: row.id,
    agentId: row.agent_id,
    interactive: row.interactive,
    rank: row.rank,
    delayMs: row.delay_ms,
    endsWait: true,
  }))
  await tx.query(
    `update bellwire.tasks t set job_id = j.job_id
      from unnest($1::uuid[], $2::uuid[]) as j(task_id, job_id) where t.id = j.task_id`,
    [jobs.map((job) => job.taskId), jobs.map((job) => job.id)],
  )
  await queue.insert(tx, jobs)
  return rows.length
}
