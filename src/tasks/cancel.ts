import type pg from 'pg'
import type { Database } from '../db/database.ts'
import type { Signals } from '../db/signals.ts'
import { BellwireError } from '../errors.ts'
import type { RunQueue } from '../queue/queue.ts'
import type { TaskState } from '../contract/task.ts'
import { WAITED } from './approvals/approvalTimeouts.ts'
import { encodeUpdate, encodeCommand, UPDATE_CHANNEL, COMMAND_CHANNEL } from './follow/channels.ts'
import { retryOnConflict } from '../db/retryOnConflict.ts'

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
): Promise<Cancelled> {
  const outcome = await retryOnConflict(() => db.transaction((tx) => cancel(tx, queue, taskId)))
  if (outcome.changed) {
    signals.publish(COMMAND_CHANNEL, encodeCommand({ id: taskId, type: 'cancel' }))
    signals.publish(UPDATE_CHANNEL, encodeUpdate({ id: taskId, type: 'ended' }))
  }
  return outcome
}

type Cancelled = { state: TaskState; changed: boolean }

async function cancel(tx: pg.PoolClient, queue: RunQueue, taskId: string): Promise<Cancelled> {
  const before = await tx.query<{ job_id: string; held: boolean }>(
    'select job_id, worker_id is not null as held from bellwire.tasks where id = $1',
    [taskId],
  )
  const seen = before.rows[0]
  if (!seen) throw new BellwireError('task_not_found')
  // A claim locks the job before the task, a worker that ends a run the task before the job: whichever of the
  // two may come our way, take the locks in its order.
  if (!seen.held) await queue.cancel(tx, [seen.job_id])
  const { rows } = await tx.query<{ job_id: string }>(
    `with cancelled as (
          update bellwire.tasks t
          set state = 'CANCELLED', worker_id = null, finished_at = now(), last_event = t.last_event + 1,
            waiting_since = null, waited_ms = ${WAITED},
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
  if (rows[0]) {
    await queue.cancel(tx, [rows[0].job_id])
    await tx.query(
      `update bellwire.approvals set state = 'cancelled', decided_at = now() where task_id = $1 and state = 'waiting'`,
      [taskId],
    )
    return { state: 'CANCELLED', changed: true }
  }
  const after = await tx.query<{ state: TaskState }>('select state from bellwire.tasks where id = $1', [
    taskId,
  ])
  return { state: after.rows[0]?.state ?? 'CANCELLED', changed: false }
}
