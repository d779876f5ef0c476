import type { Database } from '../../db/database.ts'
import { batchOf, type Chore } from '../chore.ts'

/** How long the row of an ended worker is kept, which names the machine of its runs. */
const KEEP_DAYS = 7

const BATCH = 1_000

/**
 * Deletes the rows of workers that ended days ago. One that still holds a task keeps its row, which marks it for
 * take-over. History refers to workers by number only, and numbers are never reused.
 */
export function forgetEndedWorkers(db: Database, { batch = BATCH } = {}): Chore {
  return {
    name: 'workers',
    everyMs: 3_600_000,
    async run() {
      const { rowCount } = await db.pool.query({
        name: 'workers_forget',
        text: `delete from bellwire.workers where id in (
            select id from bellwire.workers w
            where ended_at < now() - make_interval(days => $2)
              and not exists (
                select from bellwire.tasks t
                where t.worker_id = w.id and t.state in ('PENDING', 'STARTED', 'WAITING')
              )
            order by id limit $1 for update skip locked
          )`,
        values: [batch, KEEP_DAYS],
      })
      return batchOf(rowCount ?? 0, batch)
    },
  }
}
