import type { Database } from '../db/database.ts'
import type { Signals } from '../db/signals.ts'
import { promoteDue } from '../queue/queue.ts'
import { expireApprovals } from './approvals/approvalTimeouts.ts'
import { encodeUpdate, UPDATE_CHANNEL, WORK_CHANNEL } from './follow/channels.ts'

/** Tasks that one statement gives their place. */
const BATCH = 500

/**
 * Gives tasks whose time has come their place in the queue: retries, and those that have waited for people for as
 * long as they may.
 *
 * @returns how many there were
 */
export async function promote({ db, signals }: { db: Database; signals: Signals }): Promise<number> {
  const expired = await expireApprovals(db.pool, BATCH)
  for (const id of expired) signals.publish(UPDATE_CHANNEL, encodeUpdate({ id, type: 'changed' }))
  const promoted = expired.length + (await promoteDue(db.pool, BATCH))
  if (promoted > 0) signals.publish(WORK_CHANNEL, '')
  return promoted
}
