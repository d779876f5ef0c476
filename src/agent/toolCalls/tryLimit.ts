import { BellwireError } from '../../errors.ts'

/** Calls that one person or key makes at the same time. */
const PER_CALLER = 4

/** Calls that all of them make at the same time. */
const TOTAL = 16

/** Of these, those that only callers without a call get: a few busy callers leave room for the others. */
const RESERVED = 8

/** Seconds after which a refused call may be tried again. */
const RETRY_AFTER = 5

/**
 * Makes the function that counts calls of tools that are tried, for each caller and in total. It returns the function
 * to call when the call has ended.
 *
 * The function throws BellwireError `rate_limited` when the caller makes too many, `overloaded` when all together do.
 */
export function createTryLimit(): (caller: string) => () => void {
  const running = new Map<string, number>()
  let total = 0

  return (caller) => {
    const own = running.get(caller) ?? 0
    if (own >= PER_CALLER) {
      throw new BellwireError(
        'rate_limited',
        `You are trying ${PER_CALLER} tools at the same time, which is the limit. Wait until one of these calls has ended.`,
        { retryAfter: RETRY_AFTER },
      )
    }
    if (total >= (own === 0 ? TOTAL : TOTAL - RESERVED)) {
      throw new BellwireError(
        'overloaded',
        `Others are trying ${total - own} tools at the moment. Nothing was called: try again in a few seconds.`,
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
