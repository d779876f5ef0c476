import { describe, expect, it } from 'vitest'
import { processorMs } from '../../test/harness/processorTime.ts'
import { BeatsError, parseBeats } from './beats.ts'

const at = (text: string): Date => new Date(text)
const texts = (dates: Date[]): string[] => dates.map((date) => date.toISOString())

function faultOf(cron: string, timeZone = 'UTC'): string {
  try {
    parseBeats(cron, timeZone)
    return 'none'
  } catch (error) {
    if (error instanceof BeatsError) return `${error.field} ${error.message}`
    throw error
  }
}

describe('a cron expression', () => {
  it('beats in its time zone', () => {
    const beats = parseBeats('0 9 * * 1-5', 'Europe/Berlin')
    expect(texts(beats.list(at('2026-06-05T06:00:00Z'), 3))).toEqual([
      '2026-06-05T07:00:00.000Z',
      '2026-06-08T07:00:00.000Z',
      '2026-06-09T07:00:00.000Z',
    ])
  })

  it('beats once when daylight saving skips its time, and once when that time occurs twice', () => {
    const beats = parseBeats('30 2 * * *', 'Europe/Berlin')
    // On 2026-03-29 the clock goes from 02:00 to 03:00, on 2026-10-25 from 03:00 back to 02:00.
    const spring = beats.list(at('2026-03-28T12:00:00Z'), 2)
    expect(spring[0]?.toISOString().slice(0, 10)).toBe('2026-03-29')
    expect(spring[1]?.toISOString()).toBe('2026-03-30T00:30:00.000Z')
    const autumn = beats.list(at('2026-10-24T12:00:00Z'), 2)
    expect(autumn[0]?.toISOString().slice(0, 10)).toBe('2026-10-25')
    expect(autumn[1]?.toISOString()).toBe('2026-10-26T01:30:00.000Z')
  })

  it('beats every hour of days that have 23 and 25', () => {
    const beats = parseBeats('0 * * * *', 'Europe/Berlin')
    for (const day of ['2026-03-28T23:00:00Z', '2026-10-24T22:00:00Z']) {
      const list = beats.list(at(day), 26)
      const gaps = list.slice(1).map((date, index) => date.getTime() - (list[index]?.getTime() ?? 0))
      expect(new Set(gaps)).toEqual(new Set([3_600_000]))
    }
  })

  it('knows seconds, nicknames and names of days', () => {
    expect(texts(parseBeats('*/20 * * * * *', 'UTC').list(at('2026-01-01T00:00:01Z'), 2))).toEqual([
      '2026-01-01T00:00:20.000Z',
      '2026-01-01T00:00:40.000Z',
    ])
    expect(parseBeats('@daily', 'UTC').after(at('2026-01-01T00:00:00Z'))?.toISOString()).toBe(
      '2026-01-02T00:00:00.000Z',
    )
    expect(parseBeats('0 8 * * MON', 'UTC').after(at('2026-01-01T00:00:00Z'))?.toISOString()).toBe(
      '2026-01-05T08:00:00.000Z',
    )
  })

  it.each([
    ['* * * *', 'UTC', 'cron has 4 fields. Use five fields'],
    ['61 * * * *', 'UTC', 'cron is not a cron expression'],
    ['a b c d e', 'UTC', 'cron is not a cron expression'],
    ['@reboot', 'UTC', 'cron has 1 field'],
    ['2026-01-01T00:00:00', 'UTC', 'cron has 1 field'],
    ['0 0 30 2 *', 'UTC', 'cron never occurs'],
    ['0 9 * * *', 'Europe/Berlim', 'time_zone is not an IANA time zone: did you mean Europe/Berlin?'],
  ])('%s in %s is refused', (cron, timeZone, fault) => {
    expect(faultOf(cron, timeZone)).toContain(fault)
  })
})

describe('the latest beat of an interval', () => {
  it.each([
    ['* * * * * *', '2020-01-01T00:00:00Z', '2026-01-01T00:00:00.500Z', '2026-01-01T00:00:00.000Z'],
    ['0 0 * * *', '2025-12-30T00:00:00Z', '2026-01-01T12:00:00Z', '2026-01-01T00:00:00.000Z'],
    ['0 0 1 1 *', '2024-01-01T00:00:00Z', '2026-12-31T00:00:00Z', '2026-01-01T00:00:00.000Z'],
    ['0 0 1 1 *', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000Z'],
    ['0 0 1 1 *', '2026-01-01T00:00:00.001Z', '2026-12-31T00:00:00Z', undefined],
    ['* * 3 * * *', '2025-12-01T00:00:00Z', '2026-01-01T02:00:00Z', '2025-12-31T03:59:59.000Z'],
  ])('%s between %s and %s', (cron, from, until, latest) => {
    const started = processorMs()
    expect(parseBeats(cron, 'UTC').latest(at(from), at(until))?.toISOString()).toBe(latest)
    expect(processorMs() - started).toBeLessThan(100)
  })
})
