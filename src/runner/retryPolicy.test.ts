import { expect, it } from 'vitest'
import { retryDelayMs } from './retryPolicy.ts'

it('doubles from two seconds, with jitter, up to five minutes', () => {
  expect(retryDelayMs(1, undefined, () => 0)).toBe(1_000)
  expect(retryDelayMs(1, undefined, () => 1)).toBe(2_000)
  expect(retryDelayMs(3, undefined, () => 1)).toBe(8_000)
  expect(retryDelayMs(30, undefined, () => 1)).toBe(300_000)
})

it('waits as long as the other side asks, within an hour', () => {
  expect(retryDelayMs(1, 30_000)).toBe(30_000)
  expect(retryDelayMs(1, 10 * 3_600_000)).toBe(3_600_000)
})
