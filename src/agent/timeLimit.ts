/**
 * Gives work a time limit. Its signal aborts with the parent's, or when the time is up; in both cases the wait ends at
 * once, also for work that ignores its signal, whose result is dropped. The work can end itself in the same way with
 * `end`.
 *
 * @param seconds more than a timer can wait (24 days) counts as no limit
 * @param late creates the error to reject with when the time is up
 */
export async function withTimeLimit<T>(
  { signal: parent, seconds, late }: { signal: AbortSignal; seconds: number; late: () => Error },
  work: (signal: AbortSignal, end: (error: Error) => void) => Promise<T>,
): Promise<T> {
  parent.throwIfAborted()
  const controller = new AbortController()
  const { signal } = controller
  const onParent = (): void => controller.abort(parent.reason)
  parent.addEventListener('abort', onParent, { once: true })
  const timer = setTimeout(() => controller.abort(late()), Math.min(seconds * 1_000, MAX_TIMER_MS))
  try {
    return await new Promise<T>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      work(signal, (error) => controller.abort(error)).then(resolve, reject)
    })
  } finally {
    clearTimeout(timer)
    parent.removeEventListener('abort', onParent)
  }
}

/** The longest delay that a timer supports. */
const MAX_TIMER_MS = 2 ** 31 - 1
