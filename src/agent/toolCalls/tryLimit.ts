import { BellwireError } from '../../errors.ts'

/** Calls that one user or key may have in progress. */
const PER_CALLER = 4

/** Calls that all of them together may have in progress. */
const TOTAL = 16

/**
 * How many of these are reserved for callers with no call in progress, so that a few busy callers leave room for
 * others.
 */
const RESERVED = 8

/** Seconds after which a refused call may be tried again. */
const RETRY_AFTER = 5

/**
 * Creates a function that counts calls made to try tools, for each caller and in total. It returns a function to call
 * when the call has ended.
 *
 * It throws BellwireError `rate_limited` when the caller makes too many, `overloaded` when all callers together do.
 */
export function createTryLimit(): (caller: string) => () => void {
  const running = new Map<string, number>()
  let total = 0

  return (caller) => {
    const own = running.get(caller) ?? 0
    if (own >= PER_CALLER) {
      throw new BellwireError(
        'rate_limited',
        `You are trying ${PER_CALLER} tools at the same time, which is the limit. Wait until one of these calls ends.`,
        { retryAfter: RETRY_AFTER },
      )
    }
    if (total >= (own === 0 ? TOTAL : TOTAL - RESERVED)) {
      throw new BellwireError(
        'overloaded',
        `Others are trying ${total - own} tools at the moment. This tool was not called. Try again in a few seconds.`,
        { retryAfter: RETRY_AFTER },
      )
    }
    total += 1
    running.set(caller, own + 1)
    return () => {
      total -= 1
      const left = (running.get(caller) ?? 0) - 1
      if (left > 0) running.set(caller, left)
      else running.delete(caller)
    }
  }
}
