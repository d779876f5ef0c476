export type Repetition = {
  /** Ends it, and resolves once the run under way is over. Safe twice. */
  stop(): Promise<void>
}

export type RepeatOptions = {
  /** Milliseconds from the end of one run to the start of the next. */
  everyMs: number
  /** The share of `everyMs` by which each pause varies, so that many processes do not keep in step: 0.2 gives 80 to 120 %. */
  jitter?: number
  /** Gets what a run has thrown. The next one comes all the same. */
  onError?: (error: unknown) => void
}

/**
 * Runs `work` now, and again after each pause, until it is stopped. Runs never overlap: the pause begins when
 * one is over, so slow work comes less often rather than twice at once.
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
