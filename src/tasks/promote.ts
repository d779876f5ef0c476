import type { Database, Queryable } from '../db/database.ts'
import type { Signals } from '../db/signals.ts'
import { promoteDue } from '../queue/queue.ts'
import { expireWaits } from './approvals/approvalTimeouts.ts'
import { closeBursts } from './conversations/closeBursts.ts'
import { encodeUpdate, UPDATE_CHANNEL, WORK_CHANNEL } from './follow/channels.ts'
import { releaseFrom } from './release.ts'

/** Tasks that one statement ranks. */
const BATCH = 500

/** Puts tasks into the queue whose delay is over, behind what waits there already. */
async function startDelayed(db: Queryable): Promise<number> {
  const { rowCount } = await db.query({
    name: 'queue_start_delayed',
    text: `with due as (
        select task_id, agent_id from bellwire.queue
        where rank is null and due_at <= now() and why = 'delayed'
        order by due_at limit $1 for update skip locked
      ), ${releaseFrom('due', '(select last_value + 1 from bellwire.queue_head)')}`,
    values: [BATCH],
  })
  return rowCount ?? 0
}

/**
 * Ranks tasks in the queue that have become due: retries, those whose delay or burst is over, and those whose wait has
 * timed out.
 *
 * @returns the number of tasks
 */
export async function promote({ db, signals }: { db: Database; signals: Signals }): Promise<number> {
  const expired = await expireWaits(db, BATCH)
  for (const { id } of expired) signals.publish(UPDATE_CHANNEL, encodeUpdate({ id, type: 'changed' }))
  const started = (await promoteDue(db.pool, BATCH)) + (await startDelayed(db.pool))
  const promoted = expired.length + started + (await closeBursts({ db, signals }))
  if (promoted > 0) signals.publish(WORK_CHANNEL, '')
  return promoted
}
