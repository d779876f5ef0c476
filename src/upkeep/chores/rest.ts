import { setTimeout as sleep } from 'node:timers/promises'

/** The share of time that a purge works: the rest is for the hot path. */
const SHARE = 0.05

/** At most this long, in milliseconds. */
const LONGEST = 5_000

/** Runs a piece of work, and then rests many times as long; less when the signal aborts. */
export async function withRest<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const begun = performance.now()
  const result = await work()
  const ms = (performance.now() - begun) * (1 / SHARE - 1)
  await sleep(Math.min(LONGEST, ms), undefined, { signal }).catch(() => {})
  return result
}
