import type { Database } from '../../db/database.ts'
import { RING_WINDOW_SECONDS } from '../../tasks/objectGuard.ts'
import { OWN_OBJECT_SECONDS } from '../../tasks/ownObjects.ts'
import { batchOf, type Chore } from '../chore.ts'

/** Rows per statement: about 20 ms. */
const BATCH = 5_000

/** Deletes what agents have made, and rings about objects, once neither can matter any more. */
export function forgetObjects(db: Database, { batch = BATCH } = {}): Chore {
  const forget = async (table: string, column: string, seconds: number): Promise<number> => {
    const { rowCount } = await db.pool.query(
      `delete from bellwire.${table} where ctid = any(array(
        select ctid from bellwire.${table} where ${column} <= now() - make_interval(secs => $1)
        order by ${column} limit $2 for update skip locked))`,
      [seconds, batch],
    )
    return rowCount ?? 0
  }
  return {
    name: 'objects',
    everyMs: 30_000,
    async run() {
      const own = await forget('own_objects', 'made_at', OWN_OBJECT_SECONDS)
      const rings = await forget('object_rings', 'last_at', RING_WINDOW_SECONDS)
      return { items: own + rings, more: batchOf(own, batch).more || batchOf(rings, batch).more }
    },
  }
}
