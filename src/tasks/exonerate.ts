import type { Database } from '../db/database.ts'
import { resumedRank } from '../queue/rank.ts'

/** A task whose workers died this often in a row, without a new step, is run alone from then on. */
export const SUSPECT_AFTER = 3

/** Suspects that one statement reads; there are never more than a few hundred. */
const BATCH = 1_000

/**
 * Subtracts the crashes that a task caused from the counts of the suspects that ran beside it, and queues those that
 * are no longer suspects. Up to fifty tasks share a worker, and three crashes make suspects of all of them.
 *
 * The count of a suspect covers the crashes since its latest step.
 *
 * @param blamed the task that killed a process in which it ran alone
 * @returns how many were queued again
 */
export async function exonerate(db: Database, blamed: string): Promise<number> {
  const { rowCount } = await db.pool.query({
    name: 'suspects_exonerate',
    text: `with deaths as (
        select worker_id from bellwire.transitions where task_id = $1 and reason = 'worker_lost'
      ), suspects as (
        select q.task_id, t.crashes from bellwire.queue q join bellwire.tasks t on t.id = q.task_id
        where q.rank is null and q.due_at = 'infinity' and q.why = 'suspect'
        order by q.task_id limit ${BATCH} for update of q, t skip locked
      ), counted as (
        select s.task_id, (
            select count(*) from (
              select worker_id from bellwire.transitions x
              where x.task_id = s.task_id and x.reason = 'worker_lost' order by x.event desc limit s.crashes
            ) own
            where not exists (select from deaths d where d.worker_id = own.worker_id)
          ) as crashes
        from suspects s
      ), cleared as (
        update bellwire.tasks t set crashes = c.crashes
        from counted c where t.id = c.task_id and c.crashes < t.crashes
        returning t.id, t.crashes, t.interactive
      )
      update bellwire.queue q set rank = ${resumedRank('c.interactive')}, due_at = now(), why = 'worker_lost'
      from cleared c where q.task_id = c.id and c.crashes < ${SUSPECT_AFTER}`,
    values: [blamed],
  })
  return rowCount ?? 0
}
