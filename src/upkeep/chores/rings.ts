import type { Database } from '../../db/database.ts'
import { batchOf, type Chore } from '../chore.ts'

/** How long the first requests of a webhook are kept: long enough to look at them. */
const KEEP_DAYS = 7

const BATCH = 500

/** Deletes the first requests of webhooks after a week. */
export function forgetRings(db: Database, { batch = BATCH } = {}): Chore {
  return {
    name: 'rings',
    everyMs: 3_600_000,
    async run() {
      const { rowCount } = await db.pool.query({
        name: 'rings_forget',
        text: `delete from bellwire.rings where id in (
            select id from bellwire.rings where received_at < now() - make_interval(days => $2)
            order by received_at limit $1 for update skip locked
          )`,
        values: [batch, KEEP_DAYS],
      })
      return batchOf(rowCount ?? 0, batch)
    },
  }
}
