/** Seconds after each failed attempt, as the specification of Standard Webhooks proposes. */
const DELAYS = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]

/** A delay is longer by up to this share of it, so that what failed together does not come back together. */
const JITTER = 0.1

/** A receiver may ask for more time, within reason. */
const MAX_RETRY_AFTER_SECONDS = 86_400

/** Attempts of one delivery, all in all: three and a half days. */
export const MAX_ATTEMPTS = DELAYS.length + 1

/**
 * When the next attempt is due.
 *
 * @param attempts how many were made
 * @param retryAfter seconds that the receiver asked for
 * @returns seconds from now; undefined when there is no further attempt
 */
export function nextDelay(attempts: number, retryAfter = 0, random = Math.random): number | undefined {
  const delay = DELAYS[attempts - 1]
  if (delay === undefined) return undefined
  return Math.max(delay * (1 + JITTER * random()), Math.min(retryAfter, MAX_RETRY_AFTER_SECONDS))
}

/** Seconds that a `Retry-After` header asks for; undefined for none, and for one that nobody can read. */
export function readRetryAfter(header: string | null, now: Date): number | undefined {
  if (header === null) return undefined
  if (/^\d{1,9}$/.test(header.trim())) return Number(header)
  const time = header.includes('GMT') ? Date.parse(header) : Number.NaN
  return Number.isNaN(time) ? undefined : Math.max(0, (time - now.getTime()) / 1000)
}
