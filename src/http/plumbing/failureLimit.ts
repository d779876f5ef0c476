import { LRUCache } from 'lru-cache'

/** Counts the failures of each caller, to slow down whoever guesses. */
export type FailureLimit = {
  /** Milliseconds until the caller may try again; 0 when it may at once. */
  waitMs(caller: string): number
  failed(caller: string): void
}

/** More callers than this are not counted: the one that failed least recently is forgotten. */
const MAX_CALLERS = 10_000

/** Lets each caller fail `max` times in `perMs` milliseconds. */
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
