import { hostname } from 'node:os'
import pg from 'pg'
import type { Database } from '../db/database.ts'

/** First key of the advisory locks held by living workers; the second is the worker's number. */
const LOCK_CLASS = 0x62656c6c

/** A worker's registration: a row with a number that is never reused, and a lock on a dedicated connection. */
export type Session = {
  workerId: number
  /**
   * Aborted, with an error as the reason, when the session is lost: the connection broke, no heartbeat got through for
   * the length of the lease, or other workers declared this one dead. They take over its tasks, so none may continue
   * here.
   */
  lost: AbortSignal
  /**
   * Numbers of dead workers: those without their lock, once our own session is three seconds old (a dead process of
   * this machine needs no waiting), and those that were silent for the lease plus three seconds.
   */
  findDead(): Promise<number[]>
  close(): Promise<void>
}

/**
 * How old our own session must be before others without a lock count as dead, since a restart of PostgreSQL drops all
 * locks at once; and the margin for silent workers, since a stall silences all of them.
 */
const SETTLE_MS = 3_000

/**
 * A process that runs one task alone is looked after by the worker that started it. Only when it has been silent for
 * so many leases (of ten seconds at least, as its watchdog counts) do others take over its task.
 */
const CHILD_LEASES = 3

export type SessionOptions = {
  leaseSeconds: number
  /** The worker that started this process to run one task alone. */
  parentId?: number | undefined
  /** How often a heartbeat is sent, in milliseconds: six times per lease by default. */
  heartbeatMs?: number
  onError: (error: Error) => void
}

/**
 * Opens the session: registers the worker, takes its lock, starts its heartbeat.
 *
 * @throws Error when the connection goes through a pooler in transaction mode, which cannot hold a lock
 */
export async function openSession(
  db: Database,
  url: string,
  { leaseSeconds, parentId, heartbeatMs = Math.max(250, (leaseSeconds * 1000) / 6), onError }: SessionOptions,
): Promise<Session> {
  const leaseMs = leaseSeconds * 1000
  const client = new pg.Client({
    connectionString: url,
    application_name: 'bellwire worker session',
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    // A heartbeat without a response does not count: the next one must not queue behind it.
    query_timeout: leaseMs,
  })
  const losing = new AbortController()
  const lose = (error: Error): void => {
    if (!closing) losing.abort(error)
  }
  let closing: Promise<void> | undefined
  client.on('error', lose)
  client.on('end', () => lose(new Error('the connection of the worker session has ended')))
  await client.connect()

  let heartbeat: NodeJS.Timeout | undefined
  let fence: NodeJS.Timeout | undefined
  const stopTimers = (): void => {
    clearInterval(heartbeat)
    clearTimeout(fence)
  }
  // A worker that has given up its tasks must not look alive.
  losing.signal.addEventListener('abort', stopTimers)
  try {
    await refuseTransactionPooler(db, client)
    // The lock of a host that disappears is released within about ten seconds.
    await client.query(
      'set tcp_keepalives_idle = 3; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3',
    )
    let lastBeat = performance.now()
    const { rows } = await client.query<{ id: string }>(
      'insert into bellwire.workers (name, parent_id) values ($1, $2) returning id',
      [`${hostname()}:${process.pid}`, parentId ?? null],
    )
    const workerId = Number(rows[0]?.id)
    await client.query('select pg_advisory_lock($1, $2)', [LOCK_CLASS, workerId])
    const opened = performance.now()
    const silentSince = new Map<number, number>()

    const beat = async (): Promise<void> => {
      const sent = performance.now()
      try {
        const { rowCount } = await client.query({
          name: 'heartbeat',
          text: 'update bellwire.workers set heartbeat_at = now() where id = $1 and ended_at is null',
          values: [workerId],
        })
        if (rowCount === 0) lose(new Error('other workers declared this one lost: its heartbeat was too old'))
        lastBeat = sent
      } catch (error) {
        onError(error instanceof Error ? error : new Error(String(error)))
      }
    }
    heartbeat = setInterval(() => void beat(), heartbeatMs)

    /**
     * Uses our own monotonic clock, so that a worker that is cut off or was frozen stops before others take over its
     * tasks. It has its own timer, because a heartbeat may be due just before the lease ends, and the next one only a
     * sixth of the lease later. A blocked event loop delays it, but also all runs; the watchdog ends a process that
     * stays blocked.
     */
    const stopWhenSilent = (): void => {
      const left = lastBeat + leaseMs - performance.now()
      if (left > 0) fence = setTimeout(stopWhenSilent, left)
      else lose(new Error(`no heartbeat reached the database for ${leaseSeconds} seconds`))
    }
    stopWhenSilent()

    return {
      workerId,
      lost: losing.signal,
      async findDead() {
        const { rows: others } = await db.pool.query<{
          id: number
          name: string
          silent: boolean
          locked: boolean
        }>({
          name: 'workers_doubtful',
          text: `select * from (
              select w.id::float8 as id, w.name, w.heartbeat_at < now() - make_interval(secs => $2) as silent,
                exists (select 1 from pg_locks l where l.locktype = 'advisory' and l.classid::bigint = $3
                  and l.objid::bigint = w.id
                  and l.database = (select oid from pg_database where datname = current_database())) as locked
              from bellwire.workers w
              left join bellwire.workers p on p.id = w.parent_id and p.ended_at is null
              where w.ended_at is null and w.id <> $1 and w.started_at < now() - interval '1 second'
                and (p.id is null or w.heartbeat_at < now() - make_interval(secs => $4))
            ) w where silent or not locked`,
          values: [workerId, leaseSeconds, LOCK_CLASS, CHILD_LEASES * Math.max(leaseSeconds, 10)],
        })
        const now = performance.now()
        for (const id of silentSince.keys()) {
          if (!others.some((other) => other.id === id && other.silent)) silentSince.delete(id)
        }
        return others
          .filter((other) => {
            if (!other.locked && (now - opened >= SETTLE_MS || isGoneHere(other.name))) return true
            if (!other.silent) return false
            const since = silentSince.get(other.id) ?? now
            silentSince.set(other.id, since)
            return now - since >= SETTLE_MS
          })
          .map((other) => other.id)
      },

      close: () =>
        (closing ??= (async () => {
          stopTimers()
          // Other workers end a lost session, and ending it here would wait for a network that may be down.
          const isLost = losing.signal.aborted
          if (!isLost) {
            await client
              .query('update bellwire.workers set ended_at = now() where id = $1', [workerId])
              .catch(() => {})
          }
          const ended = client.end().catch(() => {})
          if (!isLost) await ended
        })()),
    }
  } catch (error) {
    stopTimers()
    await client.end().catch(() => {})
    throw error
  }
}

/**
 * A pooler in transaction mode may give the same server connection to others between our statements: then our lock
 * would belong to somebody else. While another connection of ours stays in a transaction, a real session must keep its
 * server process, and it must differ from the other's.
 */
async function refuseTransactionPooler(db: Database, client: pg.Client): Promise<void> {
  const pid = async (on: pg.ClientBase): Promise<number | undefined> =>
    (await on.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid
  const own = await pid(client)
  const others = await db.transaction(async (tx) => [await pid(tx), await pid(client)])
  if (others[0] === own || others[1] !== own) {
    throw new Error(
      'DATABASE_URL points to a pooler in transaction mode. Workers need a dedicated connection: use the ' +
        "database's direct address, or a pooler in session mode.",
    )
  }
}

/**
 * Whether a worker's name is that of a process on this machine that no longer exists. A process with our own id was
 * before us: in a restarted container every process gets the id that it had.
 */
function isGoneHere(name: string): boolean {
  const pid = Number(name.slice(name.lastIndexOf(':') + 1))
  if (name !== `${hostname()}:${pid}` || !Number.isInteger(pid)) return false
  if (pid === process.pid) return true
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}
