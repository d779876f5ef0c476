import { RunFailure } from './runFailure.ts'

/** The one place where a run is stopped early: from outside, by its deadline, or because a journal write failed. */
export type RunStop = {
  /** Aborted when the run is over early; the reason is what the run rejects with. */
  signal: AbortSignal
  /** Ends the run with an error that no part of it may convert into another. */
  fail(error: unknown): void
  /**
   * Waits for work of the run, but not beyond the run's end: work that ignores the signal is abandoned, and its result
   * is dropped.
   */
  race<T>(work: Promise<T>): Promise<T>
  /** Releases the timer and the listener. */
  close(): void
}

/** The longest delay that a timer supports. */
const MAX_TIMER_MS = 2 ** 31 - 1

export function createRunStop(options: {
  signal: AbortSignal
  /** Epoch milliseconds. */
  deadline: number
  timeoutSeconds: number
}): RunStop {
  const controller = new AbortController()
  const { signal } = controller

  const onAbort = (): void => controller.abort(options.signal.reason)
  const onDeadline = (): void =>
    controller.abort(
      new RunFailure('timed_out', `The run exceeded its time limit of ${options.timeoutSeconds} seconds.`),
    )

  let timer: NodeJS.Timeout | undefined
  const left = options.deadline - Date.now()
  if (options.signal.aborted) onAbort()
  else if (left <= 0) onDeadline()
  else {
    options.signal.addEventListener('abort', onAbort, { once: true })
    if (left <= MAX_TIMER_MS) timer = setTimeout(onDeadline, left)
  }

  return {
    signal,
    fail: (error) => controller.abort(error),

    race: (work) =>
      new Promise((resolve, reject) => {
        const stopped = (): void => reject(signal.reason)
        if (signal.aborted) stopped()
        else signal.addEventListener('abort', stopped, { once: true })
        work
          .then(
            (value) => (signal.aborted ? stopped() : resolve(value)),
            (error: unknown) => (signal.aborted ? stopped() : reject(error)),
          )
          .finally(() => signal.removeEventListener('abort', stopped))
      }),

    close() {
      clearTimeout(timer)
      options.signal.removeEventListener('abort', onAbort)
    },
  }
}
