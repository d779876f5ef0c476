import type pg from 'pg'
import type { Database } from '../db/database.ts'
import type { Signals } from '../db/signals.ts'
import { CUT_OFF_RANK } from '../queue/fairRank.ts'
import type { RunQueue } from '../queue/queue.ts'
import { encodeUpdate, UPDATE_CHANNEL, WORK_CHANNEL } from './follow/channels.ts'
import { newId } from '../db/id.ts'
import { repairWaits } from './approvals/approvalTimeouts.ts'

/** Workers that a task may lose one after the other without a new step in its journal. */
const MAX_CRASHES = 20

/** Tasks that one transaction takes over. */
const BATCH = 500

type Parts = { db: Database; queue: RunQueue; signals: Signals }
type Orphan = {
  id: string
  agent_id: string
  interactive: boolean
  rank: number
  job_id: string
  crashes: number
}

/**
 * Puts the tasks of a worker that is gone into the queue again. From here on that worker, should it still be
 * running somewhere, cannot write: its leases name a worker that the tasks do not name any more.
 *
 * @returns how many tasks were taken over
 */
export async function takeOver(parts: Parts, workerId: number): Promise<number> {
  let total = 0
  for (;;) {
    const orphans = await parts.db.transaction(async (tx) => {
      await tx.query('update bellwire.workers set ended_at = coalesce(ended_at, now()) where id = $1', [
        workerId,
      ])
      const { rows } = await tx.query<Orphan>(
        `select id, agent_id, interactive, rank, job_id, crashes from bellwire.tasks
          where worker_id = $1 and state in ('PENDING', 'STARTED', 'WAITING') order by id limit $2 for update`,
        [workerId, BATCH],
      )
      await wakeAgain(tx, parts.queue, rows, true)
      return rows
    })
    announce(parts.signals, orphans)
    total += orphans.length
    if (orphans.length < BATCH) return total
  }
}

/**
 * Finds tasks that should have a job and have none (after a restore of one table only, say), and gives them one.
 * Those that wait for people are not woken: theirs is the job that ends the wait. Takes over what workers hold that
 * have ended: whoever was taking it over, or was to hand it back, has died in the middle.
 *
 * @returns how many there were
 */
export async function sweep(parts: Parts): Promise<number> {
  let leftBehind = 0
  for (const worker of await endedHolders(parts.db)) leftBehind += await takeOver(parts, worker)
  const orphans = await parts.db.transaction(async (tx) => {
    const { rows } = await tx.query<Orphan>(
      `select t.id, t.agent_id, t.interactive, t.rank, t.job_id, t.crashes from bellwire.tasks t
        where t.worker_id is null and t.state in ('PENDING', 'STARTED')
          and not exists (select 1 from ${parts.queue.table} j where j.id = t.job_id and j.state < 'active')
        order by t.id limit $1 for update skip locked`,
      [BATCH],
    )
    await wakeAgain(tx, parts.queue, rows, false)
    return rows
  })
  announce(parts.signals, orphans)
  const waiting = await parts.db.transaction((tx) => repairWaits(tx, parts.queue, BATCH))
  return leftBehind + orphans.length + waiting
}

async function endedHolders(db: Database): Promise<number[]> {
  const { rows } = await db.pool.query<{ id: number }>(
    `select distinct t.worker_id::float8 as id
      from bellwire.tasks t join bellwire.workers w on w.id = t.worker_id
      where t.state in ('PENDING', 'STARTED', 'WAITING') and w.ended_at is not null`,
  )
  return rows.map(({ id }) => id)
}

async function wakeAgain(
  tx: pg.PoolClient,
  queue: RunQueue,
  orphans: Orphan[],
  crashed: boolean,
): Promise<void> {
  if (orphans.length === 0) return
  const lost = orphans.filter((orphan) => crashed && orphan.crashes >= MAX_CRASHES)
  const again = orphans.filter((orphan) => !lost.includes(orphan))
  await queue.cancel(
    tx,
    orphans.map((orphan) => orphan.job_id),
  )
  const jobs = again.map((orphan) => ({
    id: newId(),
    taskId: orphan.id,
    agentId: orphan.agent_id,
    interactive: orphan.interactive,
    rank: crashed ? CUT_OFF_RANK : orphan.rank,
  }))
  await tx.query(
    `with queued as (
        update bellwire.tasks t
        set worker_id = null, job_id = j.job_id, rank = j.rank, crashes = t.crashes + $3, last_event = t.last_event + 1
        from unnest($1::uuid[], $2::uuid[], $4::int[]) as j(task_id, job_id, rank) where t.id = j.task_id
        returning t.*
      )
      insert into bellwire.transitions (task_id, event, state, reason, attempt)
      select id, last_event, state, case $3 when 1 then 'worker_lost' else 'requeued' end, attempt from queued`,
    [jobs.map((job) => job.taskId), jobs.map((job) => job.id), crashed ? 1 : 0, jobs.map((job) => job.rank)],
  )
  await queue.insert(tx, jobs)
  await tx.query(
    `with failed as (
        update bellwire.tasks t
        set state = 'FAILURE', worker_id = null, finished_at = now(), last_event = t.last_event + 1, error = json_build_object(
          'code', 'worker_lost', 'message', 'The worker that ran the task died ' || t.crashes + 1 || ' times in a row.')
        where t.id = any($1::uuid[])
        returning t.*
      )
      insert into bellwire.transitions (task_id, event, state, reason, attempt, error)
      select id, last_event, state, 'failed', attempt, error from failed`,
    [lost.map((orphan) => orphan.id)],
  )
}

function announce(signals: Signals, orphans: Orphan[]): void {
  if (orphans.length > 0) signals.publish(WORK_CHANNEL, '')
  for (const orphan of orphans) {
    if (orphan.crashes >= MAX_CRASHES)
      signals.publish(UPDATE_CHANNEL, encodeUpdate({ id: orphan.id, type: 'ended' }))
  }
}

/** Deletes idempotency keys whose time is over. */
export async function forgetExpiredKeys(db: Database): Promise<void> {
  await db.pool.query(
    `delete from bellwire.idempotency_keys where (agent_id, hash) in
      (select agent_id, hash from bellwire.idempotency_keys where expires_at <= now() limit 10000 for update skip locked)
      and expires_at <= now()`,
  )
}
