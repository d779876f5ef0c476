/** The first delay, doubled with each failed run. */
const BASE_MS = 2_000
const MAX_MS = 5 * 60_000

/**
 * The delay before the next attempt, in milliseconds: exponential backoff with full jitter in its upper half, and never
 * less than the provider requested (up to an hour).
 *
 * @param failures failed runs so far, including this one
 */
export function retryDelayMs(
  failures: number,
  retryAfterMs: number | undefined,
  random: () => number = Math.random,
): number {
  const ceiling = Math.min(MAX_MS, BASE_MS * 2 ** (failures - 1))
  const backoff = ceiling / 2 + (random() * ceiling) / 2
  return Math.round(Math.max(backoff, Math.min(retryAfterMs ?? 0, 3_600_000)))
}
