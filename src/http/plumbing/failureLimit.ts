/** Counts the failures of each caller, to slow down whoever guesses. */
export type FailureLimit = {
  /** Milliseconds until the caller may try again; 0 when it may at once. */
  waitMs(caller: string): number
  failed(caller: string): void
}

/** More callers than this are not told apart any better: the oldest is forgotten. */
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
  const callers = new Map<string, { failures: number; until: number }>()

  return {
    waitMs(caller) {
      const entry = callers.get(caller)
      return entry && entry.failures >= max ? Math.max(0, entry.until - now()) : 0
    },

    failed(caller) {
      const entry = callers.get(caller)
      if (entry && entry.until > now()) {
        entry.failures += 1
        return
      }
      callers.delete(caller)
      const [oldest] = callers.keys()
      if (callers.size >= MAX_CALLERS && oldest !== undefined) callers.delete(oldest)
      callers.set(caller, { failures: 1, until: now() + perMs })
    },
  }
}
