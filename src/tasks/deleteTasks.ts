import type { TaskState } from '../contract/task.ts'
import type { Database } from '../db/database.ts'
import { isId } from '../db/id.ts'
import { BellwireError } from '../errors.ts'
import { findNeeded, neededTasks } from './replay/neededTasks.ts'

/**
 * The tables whose rows belong to a task, and are deleted with it. Dedupe keys stay until they expire: a request that
 * is sent again must not start a second task.
 */
export const OWNED_TABLES = [
  'steps',
  'transitions',
  'approvals',
  'callback_urls',
  'task_bodies',
  'queue',
  'deliveries',
  'delivery_cursors',
  'rings',
  'replays',
  'rehearsed_tasks',
] as const

const ENDED = `('SUCCESS', 'FAILURE', 'CANCELLED')`

/**
 * Deletes tasks that have ended, with everything that belongs to them: one statement, so all of a task or nothing. Tasks
 * that an unfinished replay reads from are kept.
 *
 * @param ids a few hundred at most, so that locks are held briefly
 * @returns the ids of the tasks that were deleted
 */
export async function deleteTasks(db: Database, ids: readonly string[]): Promise<string[]> {
  const { rows } = await db.pool.query<{ id: string }>({
    name: 'tasks_delete',
    text: `with recursive ${neededTasks('$1')}, ended as (
        select id from bellwire.tasks
        where id = any($1::uuid[]) and state in ${ENDED} and id not in (select id from needed)
        order by id for update
      ), gone as (
        delete from bellwire.tasks t using ended e where t.id = e.id returning t.id
      ), ${OWNED_TABLES.map(deleteOwned).join(', ')}, attempts_gone as (
        delete from bellwire.delivery_attempts a using deliveries_gone d where a.delivery_id = d.id
      )
      select id from gone order by id`,
    values: [ids],
  })
  return rows.map(({ id }) => id)
}

function deleteOwned(table: (typeof OWNED_TABLES)[number]): string {
  const returning = table === 'deliveries' ? ' returning o.id' : ''
  return `${table}_gone as (
    delete from bellwire.${table} o using gone g where o.task_id = g.id${returning}
  )`
}

/**
 * Deletes one task that has ended.
 *
 * @throws BellwireError `task_not_found`, `task_not_ended`; `conflict` when an unfinished replay reads from it
 */
export async function deleteTask(db: Database, id: string): Promise<void> {
  if (!isId(id)) throw new BellwireError('task_not_found')
  if ((await deleteTasks(db, [id])).length > 0) return
  const { rows } = await db.pool.query<{ state: TaskState }>(
    'select state from bellwire.tasks where id = $1',
    [id],
  )
  if (!rows[0]) throw new BellwireError('task_not_found')
  const reader = (await findNeeded(db, [id])).get(id.toLowerCase())
  if (reader !== undefined) {
    throw new BellwireError(
      'conflict',
      `Task ${reader} replays this one and reads from it. Wait for its end, or cancel it.`,
      { extensions: { task_id: reader } },
    )
  }
  throw new BellwireError(
    'task_not_ended',
    `The task is ${rows[0].state}. Cancel it first: POST /api/tasks/${id}/cancel.`,
  )
}
