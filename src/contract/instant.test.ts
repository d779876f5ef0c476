import { expect, it } from 'vitest'
import { Instant, isInstant } from './instant.ts'

it.each([
  '2026-03-01',
  '2028-02-29',
  '2026-03-01T08:00Z',
  '2026-03-01T08:00:00.123456789Z',
  '2026-03-31T23:00:00-02:00',
  '2026-03-01T08:00:00 01:00',
])('takes %s', (text) => {
  expect(isInstant(text)).toBe(true)
})

it.each([
  '',
  'yesterday',
  '2026-02-30',
  '2026-02-29T08:00:00Z',
  '2026-06-31T08:00:00+02:00',
  '2026-13-01',
  '2026-00-10',
  '2026-03-00',
  '2026-03-01T25:00:00Z',
  '2026-03-01T08:00:00',
])('refuses %j', (text) => {
  expect(isInstant(text)).toBe(false)
  expect(Instant.safeParse(text).success).toBe(false)
})

it('reads in UTC', () => {
  expect(Instant.parse('2026-03-01T08:00:00+02:00')).toBe('2026-03-01T06:00:00.000Z')
})
