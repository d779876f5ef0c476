import type { Database } from '../../db/database.ts'
import { batchOf, type Batch, type Chore } from '../chore.ts'

const BATCH = 5_000

/** Deletes entries of the audit log that are older than `days`; none when they are kept forever. */
export function forgetAuditEntries(
  db: Database,
  { days, batch = BATCH }: { days: number; batch?: number },
): Chore {
  async function run(): Promise<Batch> {
    if (days === Infinity) return { items: 0, more: false }
    const { rowCount } = await db.pool.query({
      name: 'audit_forget',
      text: `delete from bellwire.audit_log where ctid = any(array(
          select ctid from bellwire.audit_log where created_at < now() - make_interval(days => $1)
          order by created_at limit $2 for update skip locked
        ))`,
      values: [days, batch],
    })
    return batchOf(rowCount ?? 0, batch)
  }
  return { name: 'audit_log', everyMs: 10 * 60_000, run }
}
