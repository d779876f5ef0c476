/**
 * How often attempts may fail. `free` attempts may fail within a window of `perSeconds`. After that, nothing is checked
 * until the window is over. With `firstWaitSeconds`, one attempt is checked after each wait instead, and the waits
 * double.
 */
export type AttemptLimit = {
  free: number
  perSeconds: number
  firstWaitSeconds?: number
  longestWaitSeconds?: number
}

/** The count of one subject. Times are in milliseconds from now, 0 or less if they have passed. */
export type AttemptCount = { failures: number; retryInMs: number; resetsInMs: number }

/** For one account, from one client address or browser, with growing waits: five attempts, then about 28 a day. */
export const ACCOUNT_LIMIT: AttemptLimit = {
  free: 5,
  perSeconds: 24 * 3600,
  firstWaitSeconds: 60,
  longestWaitSeconds: 3600,
}

/** For one client address, for all accounts together. Many people may share an address. */
export const ADDRESS_LIMIT: AttemptLimit = { free: 30, perSeconds: 600 }

/** For one account, from all addresses together, except browsers in which somebody has signed in to it before. */
export const EVERYWHERE_LIMIT: AttemptLimit = { free: 100, perSeconds: 3600 }

/** How long the subject has to wait before its next attempt, in milliseconds; 0 if it does not have to wait. */
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
  // Each failure extends the window; otherwise the waits of somebody who goes on would start small again.
  const wait =
    count < free ? 0 : Math.min(longestWaitSeconds, firstWaitSeconds * 2 ** Math.min(count - free, 30))
  return { failures: count, retryInMs: wait * 1_000, resetsInMs: windowMs }
}
