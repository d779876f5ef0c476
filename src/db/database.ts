import pg from 'pg'

/** What takes a statement: the pool, or a connection in a transaction. */
export type Queryable = Pick<pg.ClientBase, 'query'>

/** A pool of connections. */
export type Database = {
  pool: pg.Pool
  /**
   * Runs `work` in one transaction: committed when it resolves, rolled back when it throws. Statements are sent
   * without waiting for the answer to the one before: see {@link pipeline}.
   */
  transaction<T>(work: (tx: pg.PoolClient) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export type DatabaseOptions = {
  /** Connections at most. */
  max?: number
  /** How the server's own views call us. */
  name: string
  /** A query without an answer within this time fails, and its connection is given up. Without it, queries may take for ever. */
  queryTimeoutMs?: number
  onError: (error: Error) => void
}

/** Statements are sent at once, and not one after the other's answer. The driver's types do not know it yet. */
const PIPELINE = { pipeline: true }

/**
 * How long a transaction may stand still before the server ends it. Ours never do; but a process that is frozen
 * in the middle of one, or whose machine is lost, would keep its locks from everybody for as long.
 */
const STANDSTILL = '10s'

/** What a transaction has sent and not waited for. */
const unanswered = new WeakMap<pg.PoolClient, Promise<unknown>[]>()

/**
 * Lets a statement of a transaction travel together with what is sent after it, the commit at the latest,
 * instead of waiting for its answer: that saves a round trip. If it fails, the transaction fails.
 */
export function pipeline(tx: pg.PoolClient, statement: Promise<unknown>): void {
  // Whoever commits hears of a failure; until then nobody does.
  statement.catch(() => {})
  unanswered.get(tx)?.push(statement)
}

/**
 * Opens a pool on a PostgreSQL URL. Nothing connects until the first query.
 * `onError` hears of idle connections that break, as when the server restarts.
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
  // A connection that breaks while it is lent out has nobody else to tell, and would end the process.
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
