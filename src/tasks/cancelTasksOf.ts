import pLimit from 'p-limit'
import type { Database } from '../db/database.ts'
import type { Signals } from '../db/signals.ts'
import { cancelTask } from './cancel.ts'

/** Tasks read at a time. */
const BATCH = 500

/** Tasks cancelled at the same time. */
const AT_ONCE = 4

/**
 * Cancels all unfinished tasks of an agent, one transaction each.
 *
 * @returns how many were cancelled by this call
 */
export async function cancelTasksOf(
  parts: { db: Database; signals: Signals },
  agentId: string,
): Promise<number> {
  const limit = pLimit(AT_ONCE)
  let cancelled = 0
  let last: string | null = null
  for (;;) {
    const ids: string[] = await unfinishedAfter(parts.db, agentId, last)
    const outcomes = await limit.map(ids, (id) => cancelTask(parts, id))
    cancelled += outcomes.filter(({ changed }) => changed).length
    last = ids.at(-1) ?? null
    if (ids.length < BATCH) return cancelled
  }
}

async function unfinishedAfter(db: Database, agentId: string, last: string | null): Promise<string[]> {
  const { rows } = await db.pool.query<{ id: string }>(
    `select id from bellwire.tasks
      where agent_id = $1 and state in ('PENDING', 'STARTED', 'WAITING') and ($2::uuid is null or id > $2)
      order by id limit $3`,
    [agentId, last, BATCH],
  )
  return rows.map(({ id }) => id)
}
