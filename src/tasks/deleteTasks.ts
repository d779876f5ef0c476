import type { TaskState } from '../contract/task.ts'
import type { Database } from '../db/database.ts'
import { isId } from '../db/id.ts'
import { BellwireError } from '../errors.ts'
import { findNeeded, neededTasks } from './replay/neededTasks.ts'
import { jsonText } from '../db/jsonText.ts'

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
  'joined_requests',
  'conversation_turns',
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
 * @param options.forget summaries of conversations that cover one of them are deleted, too
 * @returns the ids of the tasks that were deleted
 */
export async function deleteTasks(
  db: Database,
  ids: readonly string[],
  { forget = false }: { forget?: boolean } = {},
): Promise<string[]> {
  const { rows } = await db.pool.query<{ id: string }>({
    name: forget ? 'tasks_delete_forget' : 'tasks_delete',
    text: `with recursive ${neededTasks('$1')}, ended as (
        select id from bellwire.tasks
        where id = any($1::uuid[]) and state in ${ENDED} and id not in (select id from needed)
        order by id for update
      ), gone as (
        delete from bellwire.tasks t using ended e where t.id = e.id returning t.id, t.conversation_id
      ), ${OWNED_TABLES.map(deleteOwned).join(', ')}, attempts_gone as (
        delete from bellwire.delivery_attempts a using deliveries_gone d where a.delivery_id = d.id
      )${BLANK_NOTICES}${forget ? FORGET_SUMMARIES : ''}
      select id from gone order by id`,
    values: [ids],
  })
  return rows.map(({ id }) => id)
}

/** Notices are kept for longer than tasks, and the title of one about a question quotes the task. */
const BLANK_NOTICES = `, messages_blanked as (
    update bellwire.notice_messages m set title = 'About a deleted task'
    from bellwire.notices n join gone g on g.id = n.task_id
    where n.kind = 'approvals' and m.id = n.message_id and m.title = n.title
  ), notices_blanked as (
    update bellwire.notices n set title = 'About a deleted task'
    from gone g where n.task_id = g.id and n.kind = 'approvals'
  )`

/**
 * Later tasks make a new summary, of what is left. What tasks that have ended saw of the conversation is deleted from
 * their journals, where the deleted task may be in it.
 */
const FORGET_SUMMARIES = `, seen_gone as (
    update bellwire.steps s set input = null, output = null, purged_at = now()
    from gone g join bellwire.tasks t on t.conversation_id = g.conversation_id and t.state in ${ENDED}
    where s.task_id = t.id and s.key = 'conversation' and s.purged_at is null
      and (position(g.id::text in s.output::text) > 0 or ${jsonText('s.output', 'summary')} is not null)
  ), summaries_gone as (
    update bellwire.conversations c
    set summary = null, summarised = null, summary_version = c.summary_version + 1
    where c.summary is not null
      and exists (select from gone g where g.conversation_id = c.id and g.id = any(c.summarised))
      and c.id in (select conversation_id from gone)
  )`

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
  if ((await deleteTasks(db, [id], { forget: true })).length > 0) return
  const { rows } = await db.pool.query<{ state: TaskState }>(
    'select state from bellwire.tasks where id = $1',
    [id],
  )
  if (!rows[0]) throw new BellwireError('task_not_found')
  const reader = (await findNeeded(db, [id])).get(id.toLowerCase())
  if (reader !== undefined) {
    throw new BellwireError(
      'conflict',
      `Task ${reader} replays this one and reads from it. Wait for it to end, or cancel it.`,
      { extensions: { task_id: reader } },
    )
  }
  throw new BellwireError(
    'task_not_ended',
    `The task is ${rows[0].state}. Cancel it first: POST /api/tasks/${id}/cancel.`,
  )
}
