import { expect, it } from 'vitest'
import { ago, between, duration, roughly } from './time.ts'

const NOW = new Date('2026-03-12T12:00:00Z')
const before = (seconds: number) => new Date(NOW.getTime() - seconds * 1000)

it.each([
  [-3, 'just now'],
  [0, 'just now'],
  [9.9, 'just now'],
  [59, '59 s ago'],
  [60, '1 min ago'],
  [3_599, '59 min ago'],
  [7_200, '2 h ago'],
  [86_400, '1 day ago'],
  [29 * 86_400, '29 days ago'],
  [40 * 86_400, '31 Jan'],
  [400 * 86_400, '5 Feb 2025'],
  [-600, 'in 10 min'],
])('%s seconds are shown as %s', (seconds, words) => {
  expect(ago(before(seconds), NOW)).toBe(words)
})

it.each([
  [-5, '0 ms'],
  [12.4, '12 ms'],
  [999, '999 ms'],
  [1_440, '1.4 s'],
  [59_949, '59.9 s'],
  [59_960, '1 min 00 s'],
  [123_000, '2 min 03 s'],
  [3_900_000, '1 h 05 min'],
])('%s ms are shown as %s', (ms, words) => {
  expect(duration(ms)).toBe(words)
})

it('measures from one time to another', () => {
  expect(between('2026-03-12T12:00:00.000Z', '2026-03-12T12:00:01.500Z')).toBe(1_500)
})

it('says roughly how long something takes', () => {
  expect([45, 900, 43_200, 86_400, 259_200].map(roughly)).toEqual([
    '45 s',
    '15 min',
    '12 h',
    '1 day',
    '3 days',
  ])
})
