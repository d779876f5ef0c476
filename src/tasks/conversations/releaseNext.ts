import type { Database } from '../../db/database.ts'
import type { Signals } from '../../db/signals.ts'
import { readHead } from '../../queue/queue.ts'
import { WORK_CHANNEL } from '../follow/channels.ts'
import { releaseFrom } from '../release.ts'

/** Tasks that one statement releases. */
export const RELEASE_BATCH = 200

type Parts = { db: Database; signals: Signals }

/**
 * Puts tasks into the queue whose conversation has no earlier task left: what is committed decides, so it does not
 * matter who calls this, and how often. It is called after the end of a task and after an acceptance, and by one
 * process every second, in case those who should have called it have died.
 *
 * @param conversationIds only these; all by default
 * @returns the number of tasks
 */
export async function releaseNext(
  { db, signals }: Parts,
  conversationIds?: readonly string[],
): Promise<number> {
  if (conversationIds?.length === 0) return 0
  const { rowCount } = await db.pool.query({
    name: conversationIds ? 'conversations_release' : 'conversations_release_all',
    text: `with due as (
        select q.task_id, q.agent_id
        from bellwire.queue q join bellwire.tasks t on t.id = q.task_id
        where q.why = 'conversation' and q.rank is null and t.state = 'PENDING'
          ${conversationIds ? 'and t.turn is not null and t.conversation_id = any($2::uuid[])' : ''}
          and not exists (
            select from bellwire.tasks p where p.conversation_id = t.conversation_id and p.turn < t.turn
              and p.state in ('PENDING', 'STARTED', 'WAITING')
          )
        order by q.task_id limit ${RELEASE_BATCH} for update of q skip locked
      ), ${releaseFrom('due', '$1')} returning q.task_id`,
    values: [await readHead(db.pool), ...(conversationIds ? [conversationIds] : [])],
  })
  const released = rowCount ?? 0
  if (released > 0) signals.publish(WORK_CHANNEL, '')
  return released
}

/**
 * The same for the conversations of tasks that have just ended. It never fails: what it misses is released a second
 * later.
 */
export async function releaseAfter(parts: Parts, taskIds: readonly string[]): Promise<void> {
  try {
    const { rows } = await parts.db.pool.query<{ id: string }>({
      name: 'conversations_of',
      text: `select distinct conversation_id as id from bellwire.tasks
        where id = any($1::uuid[]) and turn is not null`,
      values: [taskIds],
    })
    await releaseNext(
      parts,
      rows.map(({ id }) => id),
    )
  } catch {
    // See releaseNext.
  }
}
