import type { Queryable } from './database.ts'
import { onlyRow } from './onlyRow.ts'

/**
 * Reads the time of the database. Whatever is compared with stored times needs it, because the clocks of processes may
 * differ from it and from each other.
 */
export async function readNow(db: Queryable): Promise<Date> {
  return onlyRow(await db.query<{ now: Date }>('select now()')).now
}
