import type { Database } from '../../db/database.ts'
import type { Signals } from '../../db/signals.ts'
import { readHead } from '../../queue/queue.ts'
import { WORK_CHANNEL } from '../follow/channels.ts'
import { releaseFrom } from '../release.ts'
import { jsonTime } from '../../db/jsonTime.ts'
import { collected } from './collected.ts'
import { releaseNext } from './releaseNext.ts'

/** Bursts that one transaction closes. */
const BATCH = 50

/**
 * Starts the tasks of bursts whose window is over: from here on no request joins them, and their payload is the list of
 * those that did. A task whose conversation has an earlier one waits for that.
 *
 * @returns the number of tasks
 */
export async function closeBursts({ db, signals }: { db: Database; signals: Signals }): Promise<number> {
  // Nearly always there are none: no transaction for that.
  const { rowCount: due } = await db.pool.query({
    name: 'bursts_any_due',
    text: `select 1 from bellwire.queue
      where rank is null and due_at <= now() and why = 'coalescing' limit 1`,
  })
  if (!due) return 0
  const conversations: string[] = []
  const closed = await db.transaction(async (tx) => {
    const { rows } = await tx.query<{ id: string; conversation_id: string | null; turn: string | null }>({
      name: 'bursts_due',
      text: `select t.id, t.conversation_id, t.turn from bellwire.queue q join bellwire.tasks t on t.id = q.task_id
        where q.rank is null and q.due_at <= now() and q.why = 'coalescing' and t.state = 'PENDING'
        order by t.id limit ${BATCH} for update of q, t skip locked`,
    })
    if (rows.length === 0) return 0
    for (const row of rows) {
      if (row.turn !== null && row.conversation_id !== null) conversations.push(row.conversation_id)
    }
    const ids = rows.map(({ id }) => id)
    // Another statement, so that it sees all that joined before the rows were locked.
    await tx.query({
      name: 'bursts_collect',
      text: `update bellwire.tasks t
        set joined = null, held = case when turn is not null then json_build_object('reason', 'conversation_busy',
            'since', ${jsonTime('now()')}) else held end,
          payload = ${collected('t')}
        where t.id = any($1::uuid[])`,
      values: [ids],
    })
    await tx.query({
      name: 'bursts_to_conversations',
      text: `update bellwire.queue q set why = 'conversation', due_at = 'infinity'
        from bellwire.tasks t
        where q.task_id = any($1::uuid[]) and t.id = q.task_id and t.turn is not null`,
      values: [ids],
    })
    await tx.query({
      name: 'bursts_release',
      text: `with due as (
          select task_id, agent_id from bellwire.queue where task_id = any($1::uuid[]) and why = 'coalescing'
          order by task_id
        ), ${releaseFrom('due', '$2')}`,
      values: [ids, await readHead(tx)],
    })
    return rows.length
  })
  if (closed > 0) signals.publish(WORK_CHANNEL, '')
  await releaseNext({ db, signals }, conversations)
  return closed
}
