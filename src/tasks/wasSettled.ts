import type { Database } from '../db/database.ts'
import type { Lease } from './claim.ts'

/** The reasons of the transitions that an attempt writes about its own outcome. */
const REASONS = {
  succeeded: ['succeeded'],
  failed: ['failed'],
  retry: ['retry'],
  handed_back: ['handed_back'],
  joined: ['joined'],
  paused: ['approval_requested', 'callback_awaited', 'callback_received'],
} as const

/**
 * Whether an attempt has already written its outcome: the response to the write may have been lost, and a repetition
 * finds that the task is no longer held.
 */
export async function wasSettled(
  db: Database,
  { taskId, attempt, workerId }: Lease,
  kind: keyof typeof REASONS,
): Promise<boolean> {
  const { rowCount } = await db.pool.query(
    'select 1 from bellwire.transitions where task_id = $1 and attempt = $2 and worker_id = $3 and reason = any($4) limit 1',
    [taskId, attempt, workerId, REASONS[kind]],
  )
  return (rowCount ?? 0) > 0
}
