import { expect, it } from 'vitest'
import { createFailureLimit } from './failureLimit.ts'

it('makes a caller wait who failed too often, and no other', () => {
  let now = 1
  const limit = createFailureLimit({ max: 2, perMs: 1_000, now: () => now })
  limit.failed('a')
  expect(limit.waitMs('a')).toBe(0)
  now = 401
  limit.failed('a')
  expect(limit.waitMs('a')).toBe(600)
  expect(limit.waitMs('b')).toBe(0)
  now = 1_002
  expect(limit.waitMs('a')).toBe(0)
  limit.failed('a')
  expect(limit.waitMs('a')).toBe(0)
})
