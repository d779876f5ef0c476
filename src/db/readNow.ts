import type { Queryable } from './database.ts'
import { onlyRow } from './onlyRow.ts'

/**
 * The time by the clock of the database. What is compared with stored times needs it: the clock of a process may differ
 * from it, and from that of other processes.
 */
export async function readNow(db: Queryable): Promise<Date> {
  return onlyRow(await db.query<{ now: Date }>('select now()')).now
}
