import { expect, it } from 'vitest'
import { MAX_ATTEMPTS, nextDelay, readRetryAfter } from './retrySchedule.ts'

it('waits longer after each attempt, and gives up after the last', () => {
  const delays = Array.from({ length: MAX_ATTEMPTS }, (_, index) => nextDelay(index + 1, 0, () => 0))
  expect(delays).toEqual([5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400, undefined])
})

it('adds jitter, never takes any away', () => {
  expect(nextDelay(1, 0, () => 0.999)).toBeGreaterThan(5.4)
  expect(nextDelay(1, 0, () => 0.999)).toBeLessThan(5.5)
})

it('waits as long as the receiver asks, for a day at most', () => {
  expect(nextDelay(1, 60, () => 0)).toBe(60)
  expect(nextDelay(2, 60, () => 0)).toBe(300)
  expect(nextDelay(1, 1e9, () => 0)).toBe(86_400)
})

it.each([
  ['120', 120],
  [' 7 ', 7],
  ['Fri, 05 Jun 2026 07:01:00 GMT', 60],
  ['Fri, 05 Jun 2026 06:00:00 GMT', 0],
  ['soon', undefined],
  ['-5', undefined],
  [null, undefined],
])('Retry-After %s is %s seconds', (header, seconds) => {
  expect(readRetryAfter(header, new Date('2026-06-05T07:00:00Z'))).toBe(seconds)
})
