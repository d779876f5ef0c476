import type { Database } from '../../db/database.ts'
import { batchOf, type Chore } from '../chore.ts'

/** Rows per statement: about 20 ms. */
const BATCH = 5_000

/**
 * Deletes dedupe keys whose time is over. They can come as fast as tasks do, so it goes on until few are left.
 * Keys that an accept has locked are left to the next run.
 */
export function forgetExpiredKeys(db: Database, { batch = BATCH } = {}): Chore {
  // Deleted rows stay in the index until no transaction can see them: each batch starts where the last one ended.
  let from: Date | undefined

  return {
    name: 'dedupe_keys',
    everyMs: 10_000,
    async run() {
      const { rows } = await db.pool.query<{ deleted: number; last: Date | null }>({
        name: 'keys_forget',
        text: `with expired as (
            select ctid, expires_at from bellwire.dedupe_keys
            where expires_at <= now() and ($2::timestamptz is null or expires_at >= $2)
            order by expires_at limit $1 for update skip locked
          ), deleted as (
            delete from bellwire.dedupe_keys k using expired e where k.ctid = e.ctid returning k.expires_at
          )
          select count(*)::int as deleted, max(expires_at) as last from deleted`,
        values: [batch, from ?? null],
      })
      const { deleted, last } = rows[0] ?? { deleted: 0, last: null }
      const done = batchOf(deleted, batch)
      from = done.more && last ? last : undefined
      return done
    },
  }
}
