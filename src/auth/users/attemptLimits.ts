/**
 * How often something may be wrong. `free` attempts may fail within a window of `perSeconds`. After that, nothing is
 * checked until the window is over; or, with `firstWaitSeconds`, one attempt is after each wait, and the waits double.
 */
export type AttemptLimit = {
  free: number
  perSeconds: number
  firstWaitSeconds?: number
  longestWaitSeconds?: number
}

/** What is counted for one subject. Times are in milliseconds from now; those that have passed are not above 0. */
export type AttemptCount = { failures: number; retryInMs: number; resetsInMs: number }

/** The growing waits of one account, where it is tried from one place: five attempts, then about 28 a day. */
export const ACCOUNT_LIMIT: AttemptLimit = {
  free: 5,
  perSeconds: 24 * 3600,
  firstWaitSeconds: 60,
  longestWaitSeconds: 3600,
}

/** For one client address, over all accounts: many people may share it. */
export const ADDRESS_LIMIT: AttemptLimit = { free: 30, perSeconds: 600 }

/** For one account, over all addresses: only for browsers in which nobody has signed in to it before. */
export const EVERYWHERE_LIMIT: AttemptLimit = { free: 100, perSeconds: 3600 }

/** How long the subject has to wait before its next attempt, in milliseconds; 0: not at all. */
export function waitOf({ failures, retryInMs, resetsInMs }: AttemptCount, { free }: AttemptLimit): number {
  return failures < free || resetsInMs <= 0 ? 0 : Math.max(0, retryInMs)
}

/** Counts an attempt as a failure, before its outcome is known. A window begins with its first failure. */
export function addFailure(
  { failures, resetsInMs }: AttemptCount,
  { free, perSeconds, firstWaitSeconds, longestWaitSeconds = Infinity }: AttemptLimit,
): AttemptCount {
  const isOver = resetsInMs <= 0
  const count = isOver ? 1 : failures + 1
  const windowMs = perSeconds * 1_000
  if (firstWaitSeconds === undefined) {
    const rest = isOver ? windowMs : resetsInMs
    return { failures: count, retryInMs: rest, resetsInMs: rest }
  }
  // The window is extended by each failure: waits would otherwise start small again for whoever goes on.
  const wait =
    count < free ? 0 : Math.min(longestWaitSeconds, firstWaitSeconds * 2 ** Math.min(count - free, 30))
  return { failures: count, retryInMs: wait * 1_000, resetsInMs: windowMs }
}
