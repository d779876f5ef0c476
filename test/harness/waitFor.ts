import { setTimeout as delay } from 'node:timers/promises'

/**
 * Waits until `probe` returns something other than undefined, null or false, and returns it. Errors thrown by the probe
 * count as not yet. After `deadlineMs` (15 s) it throws, with the last error as the cause.
 */
export async function waitFor<T>(
  probe: () => T | Promise<T>,
  { deadlineMs = 15_000, everyMs = 20, what = 'the condition' } = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const end = Date.now() + deadlineMs
  let last: unknown
  for (;;) {
    try {
      const value = await probe()
      if (isThere(value)) return value
    } catch (error) {
      last = error
    }
    if (Date.now() >= end)
      throw new Error(`${what} did not come true within ${deadlineMs} ms`, { cause: last })
    await delay(everyMs)
  }
}

function isThere<T>(value: T): value is NonNullable<Exclude<T, false>> {
  return value !== undefined && value !== null && value !== false
}
