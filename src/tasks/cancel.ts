import type { Database } from '../db/database.ts'
import type { Signals } from '../db/signals.ts'
import { BellwireError } from '../errors.ts'
import type { RunQueue } from '../queue/queue.ts'
import type { TaskState } from '../contract/task.ts'
import { encodeNews, encodeOrder, NEWS_CHANNEL, ORDER_CHANNEL } from './channels.ts'

/**
 * Cancels a task that has not ended, with its job, in one transaction; its worker, if it has one, is told to
 * stop. A task that has ended stays as it is: the first to commit wins.
 *
 * @returns the state after, and whether this call changed it
 * @throws BellwireError `task_not_found`
 */
export async function cancelTask(
  { db, queue, signals }: { db: Database; queue: RunQueue; signals: Signals },
  taskId: string,
): Promise<{ state: TaskState; changed: boolean }> {
  const outcome = await db.transaction(async (tx) => {
    const before = await tx.query<{ job_id: string }>('select job_id from bellwire.tasks where id = $1', [
      taskId,
    ])
    const jobId = before.rows[0]?.job_id
    if (jobId === undefined) throw new BellwireError('task_not_found')
    // The job before the task: the order in which a claim locks them.
    await queue.cancel(tx, [jobId])
    const { rows } = await tx.query<{ job_id: string }>(
      `with cancelled as (
          update bellwire.tasks t
          set state = 'CANCELLED', worker_id = null, finished_at = now(), last_event = t.last_event + 1,
            error = json_build_object('code', 'cancelled', 'message', 'The task was cancelled.')
          where id = $1 and state in ('PENDING', 'STARTED', 'WAITING')
          returning *
        ), logged as (
          insert into bellwire.transitions (task_id, event, state, reason, attempt, error)
          select id, last_event, state, 'cancelled', attempt, error from cancelled
        )
        select job_id from cancelled`,
      [taskId],
    )
    if (rows[0] && rows[0].job_id !== jobId) await queue.cancel(tx, [rows[0].job_id])
    if (rows[0]) return { state: 'CANCELLED' as const, changed: true }
    const after = await tx.query<{ state: TaskState }>('select state from bellwire.tasks where id = $1', [
      taskId,
    ])
    return { state: after.rows[0]?.state ?? 'CANCELLED', changed: false }
  })
  if (outcome.changed) {
    signals.publish(ORDER_CHANNEL, encodeOrder({ id: taskId, type: 'cancel' }))
    signals.publish(NEWS_CHANNEL, encodeNews({ id: taskId, type: 'ended' }))
  }
  return outcome
}
