import type { Database } from '../../db/database.ts'
import { jsonTime } from '../../db/jsonTime.ts'
import type { Signals } from '../../db/signals.ts'
import { releaseNext } from './releaseNext.ts'

/**
 * Releases held tasks that have a place in a conversation: each starts when the earlier tasks of its conversation have
 * ended.
 *
 * @returns the ids of those that were released
 */
export async function queueBehind(
  parts: { db: Database; signals: Signals },
  taskIds: readonly string[],
): Promise<string[]> {
  const { rows } = await parts.db.pool.query<{ id: string; conversation_id: string }>({
    name: 'conversations_unhold',
    text: `with due as (
        select q.task_id from bellwire.queue q join bellwire.tasks t on t.id = q.task_id
        where q.task_id = any($1::uuid[]) and q.why = 'held' and t.turn is not null
        order by q.task_id for update of q skip locked
      ), held as (
        update bellwire.tasks t
        set held = json_build_object('reason', 'conversation_busy', 'since', ${jsonTime('now()')})
        from due d where t.id = d.task_id and t.state = 'PENDING'
        returning t.id, t.conversation_id
      )
      update bellwire.queue q set why = 'conversation', due_at = 'infinity' from held h where q.task_id = h.id
      returning h.id, h.conversation_id`,
    values: [taskIds],
  })
  await releaseNext(
    parts,
    rows.map((row) => row.conversation_id),
  )
  return rows.map(({ id }) => id)
}
