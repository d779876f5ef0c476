import type { Database } from '../../db/database.ts'
import { batchOf, type Chore } from '../chore.ts'

const BATCH = 5_000

/** Deletes what addresses have failed at before, once it does not count any more. */
export function forgetFailedAttempts(db: Database, { batch = BATCH } = {}): Chore {
  return {
    name: 'failed_attempts',
    everyMs: 60_000,
    async run() {
      const { rowCount } = await db.pool.query({
        name: 'failed_attempts_forget',
        text: `delete from bellwire.failed_attempts where ctid = any(array(
            select ctid from bellwire.failed_attempts where resets_at <= now()
            order by resets_at limit $1 for update skip locked
          ))`,
        values: [batch],
      })
      return batchOf(rowCount ?? 0, batch)
    },
  }
}
