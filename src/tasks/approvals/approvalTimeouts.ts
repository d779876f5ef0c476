import type pg from 'pg'
import type { Database } from '../../db/database.ts'
import { retryOnConflict } from '../../db/retryOnConflict.ts'
import { endWait } from './resume.ts'

/**
 * Ends the waits whose time is up: undecided calls and questions expire, and so do waits for callbacks. A task that
 * waits for nothing else is STARTED again, and its row in the queue gets a rank. A task whose decision is being written
 * is left alone.
 *
 * @param limit maximum number of tasks
 * @returns the tasks, and whether each is queued again
 */
export async function expireWaits(db: Database, limit: number): Promise<{ id: string; resumed: boolean }[]> {
  const { rows } = await db.pool.query<{ id: string }>({
    name: 'waits_due',
    text: `select q.task_id as id from bellwire.queue q join bellwire.tasks t on t.id = q.task_id
      where q.rank is null and q.due_at <= now() and q.why = 'approval_expires' and t.state = 'WAITING'
      order by q.due_at limit $1`,
    values: [limit],
  })
  const expired: { id: string; resumed: boolean }[] = []
  for (const { id } of rows) {
    const resumed = await retryOnConflict(() => db.transaction((tx) => expire(tx, id)))
    if (resumed !== undefined) expired.push({ id, resumed })
  }
  return expired
}

/** @returns whether the task is queued again; undefined when nothing has expired */
async function expire(tx: pg.PoolClient, taskId: string): Promise<boolean | undefined> {
  const { rowCount: locked } = await tx.query(
    `select 1 from bellwire.tasks where id = $1 and state = 'WAITING' for update skip locked`,
    [taskId],
  )
  if (!locked) return undefined
  const { rows } = await tx.query<{ is_callback: boolean }>(
    `with due as (
        select a.id, t.last_event + row_number() over (order by a.id) as event
        from bellwire.approvals a join bellwire.tasks t on t.id = a.task_id
        where a.task_id = $1 and a.state = 'waiting' and a.expires_at <= now()
      )
      update bellwire.approvals a set state = 'expired', decided_at = now(), event = d.event
      from due d where a.id = d.id
      returning a.callback_id is not null as is_callback`,
    [taskId],
  )
  const isForCallbacks = rows.length > 0 && rows.every((row) => row.is_callback)
  return endWait(tx, {
    taskId,
    events: rows.length,
    reason: isForCallbacks ? 'callback_timed_out' : 'approval_expired',
  })
}
