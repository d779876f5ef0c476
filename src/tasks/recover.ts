import type { Database } from '../db/database.ts'
import type { Signals } from '../db/signals.ts'
import { freshRankSql, resumedRank } from '../queue/rank.ts'
import { exonerate, SUSPECT_AFTER } from './exonerate.ts'
import { encodeUpdate, UPDATE_CHANNEL, WORK_CHANNEL } from './follow/channels.ts'

/**
 * After this many crashes, a suspect runs without another one beside it: a task that takes the machine down would crash
 * both.
 */
const EXCLUSIVE_AFTER = 10

/** After this many it fails, whatever the reason. */
const MAX_CRASHES = 20

/** Tasks that one statement takes over or repairs. */
export const SWEEP_BATCH = 500

type Parts = { db: Database; signals: Signals }

/**
 * Queues the tasks of a dead worker again. From here on that worker, should it still be running somewhere, cannot
 * write: its leases name a worker that the tasks no longer name.
 *
 * A task whose workers died three times in a row is a suspect: it waits to be run alone. A process that ran a suspect
 * alone can also have lost the database, or have been killed along with its parent, so its end alone proves nothing:
 * only the parent that saw it die can blame the task, see `takeOverAlone`.
 *
 * @param options.blamed the process that ran the task alone was seen to die: the task fails
 * @returns how many tasks were taken over
 */
export async function takeOver(
  { db, signals }: Parts,
  workerId: number,
  { blamed = false }: { blamed?: boolean } = {},
): Promise<number> {
  await db.pool.query('update bellwire.workers set ended_at = coalesce(ended_at, now()) where id = $1', [
    workerId,
  ])
  let total = 0
  for (;;) {
    const { rows } = await db.pool.query<{ id: string; failed: boolean }>({
      name: 'tasks_take_over',
      text: `with lost as (
          select t.*, w.parent_id is not null as alone
          from bellwire.tasks t join bellwire.workers w on w.id = t.worker_id
          where t.worker_id = $1 and t.state in ('PENDING', 'STARTED', 'WAITING')
          order by t.id limit ${SWEEP_BATCH} for update of t
        ), released as (
          update bellwire.tasks t
          set worker_id = null, crashes = l.crashes + 1, last_event = l.last_event + 1
          from lost l where t.id = l.id and not ${FAILS}
          returning t.*, ${IS_SUSPECT} as suspect
        ), queued as (
          insert into bellwire.queue (task_id, agent_id, rank, due_at, why)
          select id, agent_id, case when suspect then null else ${resumedRank('r.interactive')} end,
            case when suspect then 'infinity' else now() end, case when suspect then 'suspect' else 'worker_lost' end
          from released r
        ), failed as (
          update bellwire.tasks t
          set state = 'FAILURE', worker_id = null, finished_at = now(), last_event = l.last_event + 1,
            error = json_build_object('code', 'worker_lost', 'message', 'The worker process that ran this task died '
              || l.crashes + 1 || ' times in a row' || case when $2 then ', the last time while it ran nothing else.'
              else '.' end)
          from lost l where t.id = l.id and ${FAILS}
          returning t.*
        ), logged as (
          insert into bellwire.transitions (task_id, event, state, reason, attempt, worker_id, error)
          select id, last_event, state, 'worker_lost', attempt, $1, null from released
          union all select id, last_event, state, 'failed', attempt, $1, error from failed
        )
        select id, false as failed from released union all select id, true from failed`,
      values: [workerId, blamed],
    })
    announce(signals, rows)
    total += rows.length
    if (rows.length < SWEEP_BATCH) return total
  }
}

const FAILS = `(l.crashes + 1 >= ${MAX_CRASHES} or $2)`
const IS_SUSPECT = `(l.alone or l.crashes + 1 >= ${SUSPECT_AFTER})`

/**
 * Takes over the task of a process that ran it alone and has ended, for the worker that had started that process. Does
 * nothing when the process did not hold the task any more, or when that worker has been declared lost itself.
 *
 * @param options.blamed the process died: the task fails, and the crashes that it caused are subtracted from the counts
 *   of the suspects that ran beside it. Otherwise it waits to be run alone again
 * @returns whether the task was taken over
 */
export async function takeOverAlone(
  parts: Parts,
  { taskId, parentId, blamed }: { taskId: string; parentId: number; blamed: boolean },
): Promise<boolean> {
  const { rows } = await parts.db.pool.query<{ id: number }>(
    `select w.id::float8 as id from bellwire.tasks t
      join bellwire.workers w on w.id = t.worker_id
      join bellwire.workers p on p.id = w.parent_id
      where t.id = $1 and p.id = $2 and p.ended_at is null and t.state in ('PENDING', 'STARTED', 'WAITING')`,
    [taskId, parentId],
  )
  if (rows[0] === undefined || (await takeOver(parts, rows[0].id, { blamed })) === 0) return false
  if (blamed && (await exonerate(parts.db, taskId)) > 0) parts.signals.publish(WORK_CHANNEL, '')
  return true
}

/**
 * Repairs inconsistencies: a task that no worker holds and that is not in the queue (after a restore of one table, for
 * example) is queued, a task that waits with the time at which its wait ends, one of a conversation behind the earlier
 * ones; a row whose task cannot be run is deleted. Takes over tasks held by ended workers, in case the process that was handing them back died midway.
 *
 * @returns the number of repaired tasks
 */
export async function sweep(parts: Parts): Promise<number> {
  const { db, signals } = parts
  let repaired = 0
  for (const worker of await endedHolders(db)) repaired += await takeOver(parts, worker)
  const { rowCount: queued } = await db.pool.query(
    `with missing as (
        select t.* from bellwire.tasks t
        where t.worker_id is null and t.state in ('PENDING', 'STARTED', 'WAITING')
          and not exists (select 1 from bellwire.queue q where q.task_id = t.id)
        order by t.id limit ${SWEEP_BATCH} for update skip locked
      ), counted as (
        update bellwire.tasks t set last_event = t.last_event + 1, 
          held = case when ${IS_DELAYED} or ${IS_COLLECTING} then t.held end
        from missing m where t.id = m.id and t.state <> 'WAITING'
        returning t.*
      ), logged as (
        insert into bellwire.transitions (task_id, event, state, reason, attempt)
        select id, last_event, state, 'requeued', attempt from counted
      )
      insert into bellwire.queue (task_id, agent_id, rank, due_at, why)
      select m.id, m.agent_id,
        case when m.state = 'WAITING' or m.state = 'PENDING' and ${KEPT_OUT} <> 'accepted' then null
          when m.state = 'STARTED' then ${resumedRank('m.interactive')}
          else ${freshRankSql('m.interactive', '(select last_value + 1 from bellwire.queue_head)')} end,
        case when m.state = 'WAITING' then coalesce((select min(a.expires_at) from bellwire.approvals a
          where a.task_id = m.id and a.state = 'waiting'), now())
          when ${IS_DELAYED} then (m.held ->> 'until')::timestamptz
          when m.state = 'PENDING' and ${KEPT_OUT} = 'conversation' then 'infinity' else now() end,
        case m.state when 'WAITING' then 'approval_expires' when 'STARTED' then 'requeued' else ${KEPT_OUT} end
      from missing m
      on conflict do nothing`,
  )
  await db.pool.query(
    `delete from bellwire.queue where task_id in (
        select q.task_id from bellwire.queue q left join bellwire.tasks t on t.id = q.task_id
        where q.rank is null and (t.id is null or t.state in ('SUCCESS', 'FAILURE', 'CANCELLED')) limit ${SWEEP_BATCH}
      )`,
  )
  if (queued) signals.publish(WORK_CHANNEL, '')
  return repaired + (queued ?? 0)
}

/** A task of `missing` whose time has not come. */
const IS_DELAYED = `(m.state = 'PENDING' and m.held ->> 'reason' = 'delayed' and (m.held ->> 'until')::timestamptz > now())`

/** A task of `missing` that collects a burst. */
const IS_COLLECTING = `(m.state = 'PENDING' and m.held ->> 'reason' = 'coalescing')`

/** Why a task of `missing` that has not started is in the queue. */
const KEPT_OUT = `(case when ${IS_DELAYED} then 'delayed' when ${IS_COLLECTING} then 'coalescing'
  when m.turn is not null then 'conversation' else 'accepted' end)`

async function endedHolders(db: Database): Promise<number[]> {
  const { rows } = await db.pool.query<{ id: number }>(
    `select distinct t.worker_id::float8 as id
      from bellwire.tasks t join bellwire.workers w on w.id = t.worker_id
      where t.state in ('PENDING', 'STARTED', 'WAITING') and w.ended_at is not null`,
  )
  return rows.map(({ id }) => id)
}

function announce(signals: Signals, tasks: { id: string; failed: boolean }[]): void {
  if (tasks.some(({ failed }) => !failed)) signals.publish(WORK_CHANNEL, '')
  for (const { id, failed } of tasks) {
    if (failed) signals.publish(UPDATE_CHANNEL, encodeUpdate({ id, type: 'ended' }))
  }
}

/** A task that waits to be run alone; with `exclusive`, not even beside another suspect. */
export type Suspect = { taskId: string; exclusive: boolean }

/** Reads tasks that wait to be run alone, the longest waiting first. */
export async function readSuspects(db: Database, limit: number): Promise<Suspect[]> {
  const { rows } = await db.pool.query<Suspect>({
    name: 'queue_suspects',
    text: `select q.task_id as "taskId", coalesce(t.crashes, 0) >= ${EXCLUSIVE_AFTER} as exclusive
      from bellwire.queue q left join bellwire.tasks t on t.id = q.task_id
      where q.rank is null and q.due_at = 'infinity' and q.why = 'suspect'
      order by q.task_id limit $1`,
    values: [limit],
  })
  return rows
}
