import { LRUCache } from 'lru-cache'

/** Counts the failures of each caller, to slow down guessing. */
export type FailureLimit = {
  /** Milliseconds until the caller may try again; 0 when it may now. */
  waitMs(caller: string): number
  failed(caller: string): void
}

/** At most this many callers are counted: the one that failed least recently is dropped. */
const MAX_CALLERS = 10_000

/** Allows each caller `max` failures in `perMs` milliseconds. */
export function createFailureLimit({
  max,
  perMs,
  now = Date.now,
}: {
  max: number
  perMs: number
  now?: () => number
}): FailureLimit {
  const callers = new LRUCache<string, { failures: number }>({
    max: MAX_CALLERS,
    ttl: perMs,
    ttlResolution: 0,
    perf: { now },
  })

  return {
    waitMs(caller) {
      const { failures } = callers.get(caller) ?? { failures: 0 }
      return failures >= max ? callers.getRemainingTTL(caller) : 0
    },

    failed(caller) {
      const entry = callers.get(caller)
      if (entry) entry.failures += 1
      else callers.set(caller, { failures: 1 })
    },
  }
}
