import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { repeat } from '../db/repeat.ts'
import { aborted } from './aborted.ts'

/** The leader's advisory lock, one per database. */
const LOCK = `hashtextextended('bellwire upkeep leader', 0)`

/** How often a follower tries to take the lock, and the leader checks its session. */
const BEAT_MS = 1_000

/** A session that does not respond within this time counts as lost. */
const ANSWER_WITHIN_MS = 2_000

/** The longest pause between the starts of two beats in normal operation. */
const VALID_FOR_MS = BEAT_MS + ANSWER_WITHIN_MS

/**
 * The server ends a session that has been silent for this long, which releases the lock. That is longer than {@link
 * VALID_FOR_MS}, so a leader that is cut off or frozen has lost its term before another can be elected.
 */
const SILENT_FOR_MS = 5_000

/** The leader's work, until the end of the term. */
export type Term = {
  /** Aborts when the term ends. */
  signal: AbortSignal
  /**
   * Whether the lock is certainly held. False in a process that has just resumed after a long freeze, until it has
   * checked.
   */
  isHeld(): boolean
}

export type Leadership = {
  /** Ends the term, waits for its work, then releases the lock. Can be called twice. */
  stop(): Promise<void>
}

export type LeadershipOptions = {
  /** A direct connection, or a pooler in session mode: in transaction mode a session cannot hold a lock. */
  url: string
  /** The work of a term. Must end soon after the signal aborts: the lock is kept, or requested again, only then. */
  lead(term: Term): Promise<void>
  /** Receives the error that ended a session or prevented one from opening; once per outage. */
  onError(error: Error): void
}

/**
 * Campaigns for leadership among all processes on a database until it is stopped: at most one of them leads at a time.
 * The leader holds an advisory lock in a session of its own, so the lock is released when its process dies, when the
 * connection breaks, and after five seconds of silence; a follower takes over within a second of that.
 */
export function startLeadership({ url, lead, onError }: LeadershipOptions): Leadership {
  const stopping = new AbortController()
  const campaign = (async () => {
    let isOutage = false
    while (!stopping.signal.aborted) {
      try {
        await serveSession(url, lead, stopping.signal, () => (isOutage = false))
      } catch (error) {
        if (!isOutage) onError(error instanceof Error ? error : new Error(String(error)))
        isOutage = true
      }
      await delay(BEAT_MS, undefined, { signal: stopping.signal }).catch(() => {})
    }
  })()

  return {
    stop() {
      stopping.abort()
      return campaign
    },
  }
}

/** Opens a session and tries for the lock until the session is lost, which throws, or until it is stopped. */
async function serveSession(
  url: string,
  lead: LeadershipOptions['lead'],
  stop: AbortSignal,
  onOpen: () => void,
): Promise<void> {
  const lost = new AbortController()
  const client = await connect(url, (error) => lost.abort(error))
  const term = new AbortController()
  let leading: Promise<void> | undefined
  let provenAt = 0

  const beats = repeat(
    async () => {
      const sentAt = performance.now()
      if (leading) {
        await client.query('select 1')
        provenAt = sentAt
        return
      }
      const { rows } = await client.query<{ taken: boolean }>(`select pg_try_advisory_lock(${LOCK}) as taken`)
      onOpen()
      if (!rows[0]?.taken || stop.aborted || lost.signal.aborted) return
      provenAt = sentAt
      const isHeld = (): boolean => !term.signal.aborted && performance.now() - provenAt < VALID_FOR_MS
      leading = lead({ signal: term.signal, isHeld }).catch((error: unknown) => lost.abort(error))
    },
    { everyMs: BEAT_MS, onError: (error) => lost.abort(error) },
  )
  try {
    await aborted(AbortSignal.any([stop, lost.signal]))
    term.abort()
    // The beats continue until the work is over, so that nobody else is elected meanwhile.
    await leading
  } finally {
    await beats.stop()
    await client.end().catch(() => {})
  }
  if (lost.signal.aborted && !stop.aborted) throw lost.signal.reason
}

async function connect(url: string, onLost: (error: Error) => void): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'bellwire upkeep',
    keepAlive: true,
    connectionTimeoutMillis: ANSWER_WITHIN_MS,
    query_timeout: ANSWER_WITHIN_MS,
  })
  client.on('error', onLost)
  client.on('end', () => onLost(new Error('the connection of the upkeep leader has ended')))
  try {
    await client.connect()
    await client.query(
      `set tcp_keepalives_idle = 2; set tcp_keepalives_interval = 1; set tcp_keepalives_count = 2;
        set idle_session_timeout = ${SILENT_FOR_MS}`,
    )
    return client
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
}
