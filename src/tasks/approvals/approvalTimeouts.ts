import type { Queryable } from '../../db/database.ts'
import { resumedRank } from '../../queue/rank.ts'

/** The total time that `tasks t` has waited if its current wait, if any, ends now. */
export const WAITED = `t.waited_ms + coalesce(extract(epoch from now() - t.waiting_since) * 1000, 0)::bigint`

/**
 * Ends the wait of tasks whose time is up: undecided calls expire, the task is STARTED again, and its row in the queue
 * gets a rank. A task whose decision is being written is locked and left alone.
 *
 * @param limit maximum number of tasks
 * @returns the ids of the tasks
 */
export async function expireApprovals(db: Queryable, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ task_id: string }>({
    name: 'approvals_expire',
    text: `with due as (
        select t.id, t.last_event
        from bellwire.queue q join bellwire.tasks t on t.id = q.task_id
        where q.rank is null and q.due_at <= now() and q.why = 'approval_expires' and t.state = 'WAITING'
        order by t.id limit $1 for update of t skip locked
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
      ), logged as (
        insert into bellwire.transitions (task_id, event, state, reason, attempt)
        select id, last_event, state, 'approval_expired', attempt from ended
      )
      update bellwire.queue q set rank = ${resumedRank('e.interactive')}, why = 'approval_expired'
      from ended e where q.task_id = e.id
      returning q.task_id`,
    values: [limit],
  })
  return rows.map((row) => row.task_id)
}
