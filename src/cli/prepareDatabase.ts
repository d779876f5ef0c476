import { openDatabase } from '../db/database.ts'
import { migrateDatabase } from '../db/migrate.ts'
import type { Log } from '../telemetry/log.ts'
import { refuseUnlessPassing, untilReachable } from './untilReachable.ts'

/**
 * Waits for the database and brings its schema up to date. Safe when many processes do it at once. Throws like {@link
 * untilReachable}.
 */
export async function prepareDatabase(url: string, log: Log, signal?: AbortSignal): Promise<void> {
  const options = { log, ...(signal && { signal }) }
  const db = openDatabase(url, { max: 3, name: 'bellwire migrate', onError: () => undefined })
  try {
    // Separately: whatever keeps the very first statement from succeeding is a matter of DATABASE_URL.
    const connect = () => db.pool.query('select 1').catch(refuseUnlessPassing)
    await untilReachable(connect, options)
    await untilReachable(() => migrateDatabase(db), options)
  } finally {
    await db.close()
  }
}
