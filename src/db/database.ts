import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import * as schema from './schema.ts'

/** A pool of connections, and the query builder over it. */
export type Database = {
  pool: pg.Pool
  orm: NodePgDatabase<typeof schema>
  /** Runs `work` in one transaction: committed when it resolves, rolled back when it throws. */
  transaction<T>(work: (tx: pg.PoolClient) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/**
 * Opens a pool on a PostgreSQL URL. Nothing connects until the first query.
 * `onError` hears of idle connections that break, as when the server restarts.
 */
export function openDatabase(
  url: string,
  { max = 10, name, onError }: { max?: number; name: string; onError: (error: Error) => void },
): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    application_name: name,
    connectionTimeoutMillis: 2_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
  })
  pool.on('error', onError)
  // A connection that breaks while it is lent out has nobody else to tell, and would end the process.
  pool.on('connect', (client) => client.on('error', () => {}))
  const orm = drizzle(pool, { schema })
  let closing: Promise<void> | undefined

  return {
    pool,
    orm,
    async transaction(work) {
      const client = await pool.connect()
      let broken: Error | undefined
      try {
        await client.query('begin')
        const value = await work(client)
        await client.query('commit')
        return value
      } catch (error) {
        await client.query('rollback').catch((cause: Error) => (broken = cause))
        throw error
      } finally {
        client.release(broken)
      }
    },
    close: () => (closing ??= pool.end()),
  }
}
