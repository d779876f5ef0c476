import { expect, it } from 'vitest'
import { QuietHours } from '../contract/notice.ts'
import { isQuiet } from './quietHours.ts'

const night = { from: '22:00', to: '07:00', time_zone: 'Europe/Berlin' }
const lunch = { from: '12:00', to: '13:30', time_zone: 'UTC' }

it.each([
  [night, '2026-01-10T20:59:59Z', false],
  [night, '2026-01-10T21:00:00Z', true],
  [night, '2026-01-11T05:59:00Z', true],
  [night, '2026-01-11T06:00:00Z', false],
  // In summer, Berlin is two hours ahead of UTC.
  [night, '2026-07-10T20:00:00Z', true],
  [night, '2026-07-11T05:00:00Z', false],
  [lunch, '2026-01-10T12:00:00Z', true],
  [lunch, '2026-01-10T13:30:00Z', false],
  // 9 January 2026 is a Friday: its night ends on Saturday morning.
  [{ ...night, days: ['fri'] }, '2026-01-09T22:00:00Z', true],
  [{ ...night, days: ['fri'] }, '2026-01-10T05:00:00Z', true],
  [{ ...night, days: ['fri'] }, '2026-01-10T22:00:00Z', false],
  [{ ...night, days: ['sun'] }, '2026-01-12T05:00:00Z', true],
  [{ from: '00:00', to: '06:00', time_zone: 'Asia/Tokyo' }, '2026-01-09T15:00:00Z', true],
])('%o at %s: %s', (hours, moment, expected) => {
  expect(isQuiet(QuietHours.parse(hours), new Date(moment))).toBe(expected)
})
