import { LRUCache } from 'lru-cache'
import { createBatches } from '../../db/batches.ts'
import type { Database } from '../../db/database.ts'
import { BellwireError } from '../../errors.ts'
import { createMetrics, type Metrics } from '../../telemetry/metrics.ts'
import { countAttempts, takeBack, type AttemptSubject, type Refusal } from './countAttempts.ts'

/**
 * Limits how often passwords are tried, across all processes on a database and across restarts.
 *
 * An attempt is counted as a failure before the password is hashed, and the count is taken back if it did not fail.
 * Attempts at the same time therefore gain nothing, and one beyond a limit costs no hash.
 */
export type PasswordAttempts = {
  /**
   * Runs a check, unless one of its subjects has failed too often.
   *
   * @param check its result is undefined when the password was wrong
   * @throws BellwireError `rate_limited`
   */
  run<T>(subjects: AttemptSubject[], check: () => Promise<T | undefined>): Promise<T | undefined>
}

/**
 * How long a process refuses a subject without reading its count again, in milliseconds. Short, because the attempt
 * that reached the limit may still turn out to be right, in another process.
 */
const REMEMBER_MS = 5_000

const MAX_REMEMBERED = 10_000

/** @param now milliseconds of a monotonic clock */
export function createPasswordAttempts({
  db,
  metrics = createMetrics(),
  now = () => performance.now(),
}: {
  db: Database
  metrics?: Metrics
  now?: () => number
}): PasswordAttempts {
  const counted = metrics.counter(
    'bellwire_password_attempts_total',
    'Attempts to sign in with a password, by outcome: right, wrong, or refused without a check.',
  )
  /** By subject: until when it is refused here without a query, and until when it has to wait. */
  const waits = new LRUCache<string, { knownUntil: number; until: number }>({ max: MAX_REMEMBERED })
  const groups = createBatches<AttemptSubject[], Refusal | undefined>({
    handle: (attempts) => countAttempts(db, attempts),
    inFlight: 1,
  })

  function remembered({ name }: AttemptSubject): number {
    const known = waits.get(name)
    return known && known.knownUntil > now() ? known.until - now() : 0
  }

  async function begin(subjects: AttemptSubject[]): Promise<void> {
    const began = now()
    let waitMs = Math.max(...subjects.map(remembered))
    if (waitMs <= 0) {
      const refusal = await groups.add(subjects)
      if (!refusal) return
      waitMs = refusal.waitMs
      waits.set(refusal.name, { knownUntil: began + REMEMBER_MS, until: began + waitMs })
    }
    counted.add({ outcome: 'refused' })
    throw tooMany(waitMs)
  }

  return {
    async run(subjects, check) {
      await begin(subjects)
      let result
      try {
        result = await check()
      } catch (error) {
        // Nothing was checked. Report that error, even if this fails as well.
        await takeBack(db, subjects).catch(() => {})
        throw error
      }
      counted.add({ outcome: result === undefined ? 'wrong' : 'right' })
      if (result !== undefined) await takeBack(db, subjects, { isRight: true })
      return result
    },
  }
}

/** The error is the same for every account, and for email addresses without one. */
function tooMany(waitMs: number): BellwireError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000))
  const wait = seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`
  return new BellwireError('rate_limited', `Too many wrong passwords. Try again in ${wait}.`, {
    retryAfter: seconds,
  })
}
