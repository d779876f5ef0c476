import { BellwireError } from '../errors.ts'

/** Seconds after which a sender that was refused may try again. */
const RETRY_AFTER = 2

/** Runs work of which only so much is under way at the same time, in the order of the calls. */
export type ConcurrencyLimit = <T>(work: () => Promise<T>) => Promise<T>

/**
 * Makes the function that keeps large work from being done all at the same time: the objects that it makes would hold
 * up other requests by their garbage collection.
 *
 * @param options.max how much is under way
 * @param options.withinMs how long work waits for its turn
 *
 * The function throws BellwireError `overloaded` for work that had no turn in time.
 */
export function createConcurrencyLimit({ max = 2, withinMs = 10_000 } = {}): ConcurrencyLimit {
  const waiting: (() => void)[] = []
  let active = 0

  function wait(): Promise<void> {
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        clearTimeout(late)
        active += 1
        resolve()
      }
      const late = setTimeout(() => {
        waiting.splice(waiting.indexOf(begin), 1)
        reject(new BellwireError('overloaded', undefined, { retryAfter: RETRY_AFTER }))
      }, withinMs)
      if (active < max) begin()
      else waiting.push(begin)
    })
  }

  return async (work) => {
    await wait()
    try {
      return await work()
    } finally {
      active -= 1
      waiting.shift()?.()
    }
  }
}
