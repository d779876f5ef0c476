import type { Database } from '../db/database.ts'
import type { Signals } from '../db/signals.ts'
import { promoteDue } from '../queue/queue.ts'
import { expireWaits } from './approvals/approvalTimeouts.ts'
import { encodeUpdate, UPDATE_CHANNEL, WORK_CHANNEL } from './follow/channels.ts'

/** Tasks that one statement ranks. */
const BATCH = 500

/**
 * Ranks tasks in the queue that have become due: retries, and those whose wait has timed out.
 *
 * @returns the number of tasks
 */
export async function promote({ db, signals }: { db: Database; signals: Signals }): Promise<number> {
  const expired = await expireWaits(db, BATCH)
  for (const { id } of expired) signals.publish(UPDATE_CHANNEL, encodeUpdate({ id, type: 'changed' }))
  const promoted = expired.length + (await promoteDue(db.pool, BATCH))
  if (promoted > 0) signals.publish(WORK_CHANNEL, '')
  return promoted
}
