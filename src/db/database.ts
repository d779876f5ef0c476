import pg from 'pg'

/** Runs statements: the pool, or a connection in a transaction. */
export type Queryable = Pick<pg.ClientBase, 'query'>

/** A pool of connections. */
export type Database = {
  pool: pg.Pool
  /**
   * Runs `work` in one transaction: committed when it resolves, rolled back when it throws. Statements are sent without
   * waiting for the response to the previous one: see {@link pipeline}.
   */
  transaction<T>(work: (tx: pg.PoolClient) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export type DatabaseOptions = {
  /** Maximum connections. */
  max?: number
  /** The name in the server's own views (`application_name`). */
  name: string
  /**
   * A query without a response within this time fails, and its connection is closed. Without it, queries have no time
   * limit.
   */
  queryTimeoutMs?: number
  onError: (error: Error) => void
}

/** Sends statements without waiting for earlier responses. The driver's types do not include it yet. */
const PIPELINE = { pipeline: true }

/**
 * How long a transaction may be idle before the server ends it. Ours never are; but a process that is frozen in the
 * middle of one, or whose machine is lost, would hold its locks for that long.
 */
const STANDSTILL = '10s'

/** Statements of a transaction that were sent and not awaited. */
const unanswered = new WeakMap<pg.PoolClient, Promise<unknown>[]>()

/**
 * Sends a statement of a transaction together with the next one, the commit at the latest, instead of waiting for its
 * response: that saves a round trip. If it fails, the transaction fails.
 */
export function pipeline(tx: pg.PoolClient, statement: Promise<unknown>): void {
  // The commit reports a failure; until then it must not count as unhandled.
  statement.catch(() => {})
  unanswered.get(tx)?.push(statement)
}

/**
 * Opens a pool on a PostgreSQL URL. Connects on the first query.
 * `onError` is called when an idle connection breaks, as when the server restarts.
 */
export function openDatabase(
  url: string,
  { max = 10, name, queryTimeoutMs, onError }: DatabaseOptions,
): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    application_name: name,
    connectionTimeoutMillis: 2_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    ...(queryTimeoutMs === undefined ? {} : { query_timeout: queryTimeoutMs }),
    ...PIPELINE,
  })
  pool.on('error', onError)
  // A connection that breaks while in use has no other error listener, and would end the process.
  pool.on('connect', (client) => {
    client.on('error', () => {})
    client.query(`set idle_in_transaction_session_timeout = '${STANDSTILL}'`).catch(() => {})
  })
  let closing: Promise<void> | undefined

  return {
    pool,
    async transaction(work) {
      const client = await pool.connect()
      let broken: Error | undefined
      try {
        unanswered.set(client, [])
        pipeline(client, client.query('begin'))
        const value = await work(client)
        const commit = client.query('commit')
        await Promise.all([...(unanswered.get(client) ?? []), commit])
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
