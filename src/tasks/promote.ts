import type { Database } from '../db/database.ts'
import type { Signals } from '../db/signals.ts'
import { promoteDue } from '../queue/queue.ts'
import { expireApprovals } from './approvals/approvalTimeouts.ts'
import { closeBursts } from './conversations/closeBursts.ts'
import { encodeUpdate, UPDATE_CHANNEL, WORK_CHANNEL } from './follow/channels.ts'

/** Tasks that one statement ranks. */
const BATCH = 500

/**
 * Ranks tasks in the queue that have become due: retries, those whose wait for approval has timed out, and those whose
 * burst is over.
 *
 * @returns the number of tasks
 */
export async function promote({ db, signals }: { db: Database; signals: Signals }): Promise<number> {
  const expired = await expireApprovals(db.pool, BATCH)
  for (const id of expired) signals.publish(UPDATE_CHANNEL, encodeUpdate({ id, type: 'changed' }))
  const promoted = expired.length + (await closeBursts({ db, signals })) + (await promoteDue(db.pool, BATCH))
  if (promoted > 0) signals.publish(WORK_CHANNEL, '')
  return promoted
}
