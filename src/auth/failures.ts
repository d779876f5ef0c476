import { LRUCache } from 'lru-cache'
import { createBatches } from '../db/batches.ts'
import type { Database } from '../db/database.ts'
import { createMetrics, type Metrics } from '../telemetry/metrics.ts'
import { countFailures, type Failure } from './countFailures.ts'

/** What is guessed, how often one address may be wrong, and in which time. */
const LIMITS = {
  sign_in: { max: 20, perSeconds: 60 },
  api_key: { max: 60, perSeconds: 60 },
  webhook_token: { max: 60, perSeconds: 60 },
  callback_token: { max: 60, perSeconds: 60 },
} as const

export type FailureKind = keyof typeof LIMITS

/**
 * Counts wrong credentials of each client address, over all processes on a database and across restarts.
 *
 * It is asked about a failure only, after the credential was checked: a right one is never refused for the wrong
 * ones of others who share its address.
 */
export type Failures = {
  /** Counts a failure. Gives the seconds that the address should wait; 0 while it may still fail. */
  count(kind: FailureKind, address: string): Promise<number>
}

/** Addresses over their limit that a process remembers; the database knows the others. */
const MAX_REMEMBERED = 10_000

/** Failures that may wait to be counted. Beyond that the database is busy, and they go uncounted. */
const MAX_WAITING = 1_000

/** @param now milliseconds of a clock that only grows */
export function createFailures({
  db,
  metrics = createMetrics(),
  now = () => performance.now(),
}: {
  db: Database
  metrics?: Metrics
  now?: () => number
}): Failures {
  const counted = metrics.counter(
    'bellwire_failed_attempts_total',
    'Requests with a wrong credential, by kind: sign_in, api_key, webhook_token or callback_token.',
  )
  /** Until when an address has to wait: what it does meanwhile costs the database nothing. */
  const waits = new LRUCache<string, number>({ max: MAX_REMEMBERED })
  let waiting = 0
  const groups = createBatches<Failure, { failures: number; resetsInMs: number }>({
    handle: (failures) => countFailures(db, failures),
    inFlight: 1,
  })

  return {
    async count(kind, address) {
      counted.add({ kind })
      const key = `${kind} ${address}`
      const known = (waits.get(key) ?? 0) - now()
      if (known > 0) return Math.ceil(known / 1_000)
      if (waiting >= MAX_WAITING) return 0
      const { max, perSeconds } = LIMITS[kind]
      waiting += 1
      const began = now()
      // A failure that cannot be counted is refused as it would be without a limit.
      const found = await groups.add({ kind, address, perSeconds }).catch(() => undefined)
      waiting -= 1
      if (!found || found.failures <= max) return 0
      const { resetsInMs } = found
      waits.set(key, began + resetsInMs)
      return Math.max(1, Math.ceil(resetsInMs / 1_000))
    },
  }
}
