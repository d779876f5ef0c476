/** A time limit shared by many waits: one timer for all of them, where a timer each would cost more than the wait. */
export type SharedTimeout = {
  /** Calls `onLate` after the time, unless the returned function is called first. */
  start(onLate: () => void): () => void
}

/** @param ms the same for every wait, so that they expire in the order in which they started */
export function createSharedTimeout(ms: number): SharedTimeout {
  type Wait = { until: number; onLate: () => void }
  const waits = new Set<Wait>()
  let timer: NodeJS.Timeout | undefined

  function look(): void {
    timer = undefined
    const now = performance.now()
    for (const wait of waits) {
      if (wait.until > now) {
        timer = setTimeout(look, wait.until - now)
        return
      }
      waits.delete(wait)
      wait.onLate()
    }
  }

  return {
    start(onLate) {
      const wait = { until: performance.now() + ms, onLate }
      waits.add(wait)
      timer ??= setTimeout(look, ms)
      return () => void waits.delete(wait)
    },
  }
}
