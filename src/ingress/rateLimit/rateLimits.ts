import { LRUCache } from 'lru-cache'
import type { RateLimit } from '../../contract/rateLimit.ts'
import type { Database } from '../../db/database.ts'
import { leaseRate, type RateLease } from './leaseRate.ts'

/** What a request to a limited webhook gets. */
export type Allowance = {
  isAllowed: boolean
  /** Requests that the window has left, as far as this process knows. */
  remaining: number
  /** Seconds until the window is over, 1 at least. */
  resetsInSeconds: number
}

/**
 * Counts the requests of webhooks that have a rate limit, exactly over all processes: what was handed out is in the
 * database. A process takes allowances in blocks, one at a time when requests are rare and up to a sixteenth of what
 * is left when they are many; so the last of them are found wherever they are asked for. What a process has leased
 * and not used when the window ends, or when it dies, is lost.
 */
export type RateLimits = {
  /** Takes one request in. Throws what the database throws. */
  take(webhookId: string, limit: RateLimit): Allowance | Promise<Allowance>
}

/** Limited webhooks that are busy at the same time. */
const MAX_WEBHOOKS = 10_000

/** A block that was used up within this time is followed by one of twice its size. */
const BUSY_MS = 100

const MAX_BLOCK = 256

/** Leases that a request waits for when each is used up, or over, before it has its turn. */
const MAX_TRIES = 5

/** Of what is left of the window, one process leases at most this part at once. */
const SHARE = 16

type Window = {
  limit: RateLimit
  /** Leased and not used. */
  own: number
  left: number
  /** On the clock of this process; never later than in the database. */
  endsAt: number
  leasedAt: number
  block: number
  /** A lease on its way, and how many requests wait for it. */
  leasing: Promise<void> | undefined
  waiting: number
}

/** @param now milliseconds of a clock that only grows */
export function createRateLimits({
  db,
  lease = (webhookId, limit, wanted) => leaseRate(db, webhookId, limit, wanted),
  now = () => performance.now(),
}: {
  db: Database
  lease?: (webhookId: string, limit: RateLimit, wanted: number) => Promise<RateLease>
  now?: () => number
}): RateLimits {
  const windows = new LRUCache<string, Window>({ max: MAX_WEBHOOKS })

  function windowOf(webhookId: string, limit: RateLimit): Window {
    const known = windows.get(webhookId)
    if (known && isSame(known.limit, limit)) return known
    const fresh = {
      own: 0,
      left: 1,
      endsAt: 0,
      leasedAt: -Infinity,
      block: 1,
      leasing: undefined,
      waiting: 0,
    }
    const window: Window = { limit, ...fresh }
    windows.set(webhookId, window)
    return window
  }

  /** Undefined when only the database can say. */
  function tryTake(window: Window): Allowance | undefined {
    const restMs = window.endsAt - now()
    if (restMs <= 0) return undefined
    const resetsInSeconds = Math.max(1, Math.ceil(restMs / 1_000))
    if (window.own > 0) {
      window.own -= 1
      return { isAllowed: true, remaining: window.own + window.left, resetsInSeconds }
    }
    return window.left > 0 ? undefined : { isAllowed: false, remaining: 0, resetsInSeconds }
  }

  async function renew(webhookId: string, window: Window): Promise<void> {
    const began = now()
    const isNew = began >= window.endsAt
    window.block = began - window.leasedAt < BUSY_MS ? Math.min(window.block * 2, MAX_BLOCK) : 1
    const rest = isNew ? window.limit.requests : window.left
    const wanted = Math.max(window.waiting, Math.min(window.block, Math.floor(rest / SHARE)), 1)
    const { granted, left, resetsInMs } = await lease(webhookId, window.limit, wanted)
    const endsAt = began + resetsInMs
    // What is left of a window that is over counts no more.
    window.own = (isNew || endsAt > window.endsAt + BUSY_MS ? 0 : window.own) + granted
    window.left = left
    window.endsAt = endsAt
    window.leasedAt = began
  }

  async function wait(webhookId: string, window: Window): Promise<Allowance> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      window.waiting += 1
      window.leasing ??= renew(webhookId, window).finally(() => {
        window.leasing = undefined
      })
      try {
        await window.leasing
      } finally {
        window.waiting -= 1
      }
      const taken = tryTake(window)
      if (taken) return taken
    }
    return { isAllowed: false, remaining: 0, resetsInSeconds: 1 }
  }

  return {
    take(webhookId, limit) {
      const window = windowOf(webhookId, limit)
      return (window.leasing === undefined ? tryTake(window) : undefined) ?? wait(webhookId, window)
    },
  }
}

function isSame(a: RateLimit, b: RateLimit): boolean {
  return a.requests === b.requests && a.per_seconds === b.per_seconds
}
