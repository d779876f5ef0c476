import type pg from 'pg'
import type { Database } from '../db/database.ts'
import type { Signals } from '../db/signals.ts'
import { BellwireError } from '../errors.ts'
import { removeFromQueue } from '../queue/queue.ts'
import type { TaskState } from '../contract/task.ts'
import { WAITED } from './approvals/waited.ts'
import { encodeUpdate, encodeCommand, UPDATE_CHANNEL, COMMAND_CHANNEL } from './follow/channels.ts'
import { retryOnConflict } from '../db/retryOnConflict.ts'

/**
 * Cancels a task that has not ended and removes it from the queue, in one transaction; a worker that runs it is told to
 * stop. A task that has ended is unchanged: the first to commit wins.
 *
 * @param options.onlyHeld leaves a task unchanged that its webhook does not hold, or that is being released just now
 * @returns the state afterwards, and whether this call changed it
 * @throws BellwireError `task_not_found`
 */
export async function cancelTask(
  { db, signals }: { db: Database; signals: Signals },
  taskId: string,
  { onlyHeld = false }: { onlyHeld?: boolean } = {},
): Promise<Cancelled> {
  const outcome = await retryOnConflict(() =>
    db.transaction(async (tx) => {
      if (!onlyHeld || (await removeHeld(tx, taskId))) return cancel(tx, taskId)
      return { state: await readState(tx, taskId), changed: false }
    }),
  )
  if (outcome.changed) {
    signals.publish(COMMAND_CHANNEL, encodeCommand({ id: taskId, type: 'cancel' }))
    signals.publish(UPDATE_CHANNEL, encodeUpdate({ id: taskId, type: 'ended' }))
  }
  return outcome
}

type Cancelled = { state: TaskState; changed: boolean }

async function cancel(tx: pg.PoolClient, taskId: string): Promise<Cancelled> {
  // A claim locks a ranked row before its task; code that ends a wait locks the task before the row.
  await tx.query('delete from bellwire.queue where task_id = $1 and rank is not null', [taskId])
  const { rows } = await tx.query<{ id: string }>(
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
        select id from cancelled`,
    [taskId],
  )
  if (rows[0]) {
    // It may have been queued again while this waited for its row.
    await removeFromQueue(tx, [taskId])
    await tx.query(
      `update bellwire.approvals set state = 'cancelled', decided_at = now() where task_id = $1 and state = 'waiting'`,
      [taskId],
    )
    return { state: 'CANCELLED', changed: true }
  }
  return { state: await readState(tx, taskId), changed: false }
}

/** Takes a held task out of the queue. A release, too, locks the row before its task. */
async function removeHeld(tx: pg.PoolClient, taskId: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `delete from bellwire.queue where task_id = (
        select task_id from bellwire.queue where task_id = $1 and why = 'held' for update skip locked
      )`,
    [taskId],
  )
  return rowCount === 1
}

async function readState(tx: pg.PoolClient, taskId: string): Promise<TaskState> {
  const { rows } = await tx.query<{ state: TaskState }>('select state from bellwire.tasks where id = $1', [
    taskId,
  ])
  if (!rows[0]) throw new BellwireError('task_not_found')
  return rows[0].state
}
