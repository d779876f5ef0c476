import type pg from 'pg'
import type { Database } from '../db/database.ts'
import type { Signals } from '../db/signals.ts'
import { BellwireError } from '../errors.ts'
import { removeFromQueue } from '../queue/queue.ts'
import type { RunError, TaskState } from '../contract/task.ts'
import { WAITED } from './approvals/waited.ts'
import { releaseAfter } from './conversations/releaseNext.ts'
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
    announceCancelled(signals, [taskId])
    await releaseAfter({ db, signals }, [taskId])
  }
  return outcome
}

type Cancelled = { state: TaskState; changed: boolean }

const BY_REQUEST: RunError = { code: 'cancelled', message: 'The task was cancelled.' }

async function cancel(tx: pg.PoolClient, taskId: string): Promise<Cancelled> {
  const [cancelled] = await cancelAll(tx, new Map([[taskId, BY_REQUEST]]))
  return cancelled === undefined
    ? { state: await readState(tx, taskId), changed: false }
    : { state: 'CANCELLED', changed: true }
}

/**
 * Cancels tasks that have not ended, inside the caller's transaction. Announcing it is left to the caller.
 *
 * @param errors why, by the id of the task
 * @returns the ids of those that were cancelled
 */
export async function cancelAll(tx: pg.PoolClient, errors: ReadonlyMap<string, RunError>): Promise<string[]> {
  const taskIds = [...errors.keys()]
  // A claim locks a ranked row before its task; code that ends a wait locks the task before the row.
  await tx.query('delete from bellwire.queue where task_id = any($1::uuid[]) and rank is not null', [taskIds])
  const { rows } = await tx.query<{ id: string }>(
    `with found as (
          select t.id, i.error from bellwire.tasks t join unnest($1::uuid[], $2::text[]) as i(id, error) on i.id = t.id
          where t.state in ('PENDING', 'STARTED', 'WAITING') order by t.id for update of t
        ), cancelled as (
          update bellwire.tasks t
          set state = 'CANCELLED', worker_id = null, finished_at = now(), last_event = t.last_event + 1,
            waiting_since = null, waited_ms = ${WAITED}, error = f.error::json
          from found f where t.id = f.id
          returning t.*
        ), logged as (
          insert into bellwire.transitions (task_id, event, state, reason, attempt, error)
          select id, last_event, state, 'cancelled', attempt, error from cancelled
        )
        select id from cancelled`,
    [taskIds, [...errors.values()].map((error) => JSON.stringify(error))],
  )
  const ids = rows.map(({ id }) => id)
  if (ids.length === 0) return ids
  // They may have been queued again while this waited for their rows.
  await removeFromQueue(tx, ids)
  await tx.query(
    `update bellwire.approvals set state = 'cancelled', decided_at = now()
      where task_id = any($1::uuid[]) and state = 'waiting'`,
    [ids],
  )
  return ids
}

/** Tells workers and followers that tasks were cancelled. After the commit. */
export function announceCancelled(signals: Signals, taskIds: readonly string[]): void {
  for (const id of taskIds) {
    signals.publish(COMMAND_CHANNEL, encodeCommand({ id, type: 'cancel' }))
    signals.publish(UPDATE_CHANNEL, encodeUpdate({ id, type: 'ended' }))
  }
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
