import { createConcurrencyLimit } from './concurrencyLimit.ts'
import type { Payload } from './payload/payload.ts'

const limit = createConcurrencyLimit()

/**
 * Does work that reads values of a payload. A long one is parsed for it in slices, and forgets its values then; few of
 * them have values at the same time. Gives a promise only for long payloads.
 *
 * @throws BellwireError `body_invalid` for too many values, `overloaded` when too many payloads wait
 */
export function lookInto<T>(payload: Payload, work: () => T | Promise<T>): T | Promise<T> {
  if (!payload.isLong) return work()
  return limit(async () => {
    await payload.parse()
    try {
      return await work()
    } finally {
      payload.forget()
    }
  })
}
