import type { Database } from '../../db/database.ts'
import { batchOf, type Chore } from '../chore.ts'

const BATCH = 5_000

/** Deletes counts of failed attempts of addresses and accounts that no longer apply. */
export function forgetFailedAttempts(db: Database, { batch = BATCH } = {}): Chore {
  const forget = async (table: 'failed_attempts' | 'password_attempts'): Promise<number> => {
    const { rowCount } = await db.pool.query({
      name: `${table}_forget`,
      text: `delete from bellwire.${table} where ctid = any(array(
          select ctid from bellwire.${table} where resets_at <= now()
          order by resets_at limit $1 for update skip locked
        ))`,
      values: [batch],
    })
    return rowCount ?? 0
  }

  return {
    name: 'failed_attempts',
    everyMs: 60_000,
    async run() {
      const counts = [await forget('failed_attempts'), await forget('password_attempts')]
      const { more } = batchOf(Math.max(...counts), batch)
      return { items: counts.reduce((sum, count) => sum + count), more }
    },
  }
}
