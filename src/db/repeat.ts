export type Repetition = {
  /** Stops it, and resolves once the current run is over. Can be called twice. */
  stop(): Promise<void>
}

export type RepeatOptions = {
  /** Milliseconds from the end of one run to the start of the next. */
  everyMs: number
  /**
   * The fraction of `everyMs` by which each pause varies, so that processes do not synchronise: 0.2 gives 80% to 120%.
   */
  jitter?: number
  /** Receives the error of a failed run. The next run follows all the same. */
  onError?: (error: unknown) => void
}

/**
 * Runs `work` now, and again after each pause, until it is stopped. Runs never overlap: the pause starts when a run is
 * over, so slow work runs less often rather than twice at once.
 */
export function repeat(
  work: () => unknown,
  { everyMs, jitter = 0, onError = () => {} }: RepeatOptions,
): Repetition {
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let running = run()

  async function run(): Promise<void> {
    try {
      await work()
    } catch (error) {
      onError(error)
    }
    if (stopped) return
    const pause = everyMs * (1 + jitter * (2 * Math.random() - 1))
    timer = setTimeout(() => void (running = run()), pause)
  }

  return {
    stop() {
      stopped = true
      clearTimeout(timer)
      return running
    },
  }
}
