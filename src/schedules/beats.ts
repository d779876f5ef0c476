import { Cron } from 'croner'
import { nearest } from '../contract/nearest.ts'

/** When a schedule is due. Beats are computed from a cron expression in a time zone, daylight saving included. */
export type Beats = {
  /** The first beat after `time`; undefined when there is none. */
  after(time: Date): Date | undefined
  /** The first `count` beats after `time`. */
  list(time: Date, count: number): Date[]
  /** The latest beat in the interval `[from, until]`; undefined when there is none. */
  latest(from: Date, until: Date): Date | undefined
}

/** Why a cron expression or a time zone cannot be used; `field` is the one of the request. */
export class BeatsError extends Error {
  readonly field: 'cron' | 'time_zone'

  constructor(field: 'cron' | 'time_zone', message: string) {
    super(message)
    this.name = 'BeatsError'
    this.field = field
  }
}

const NICKNAMES = /^@(?:yearly|annually|monthly|weekly|daily|midnight|hourly)$/i
const HELP =
  'Use five fields (minute, hour, day of month, month, day of week), for example "0 9 * * 1-5" for 9:00 from Monday ' +
  'to Friday'

/** Beats fall on full seconds. */
const SECOND_MS = 1_000

/**
 * Reads a cron expression: five fields, six with seconds in front, or a nickname such as `@daily`. Days of month and
 * of week are alternatives when both are given, as in cron.
 *
 * A local time that daylight saving skips beats when the clock has gone forward; one that occurs twice beats once.
 *
 * @throws BeatsError
 */
export function parseBeats(cron: string, timeZone: string): Beats {
  checkTimeZone(timeZone)
  const fields = cron.split(/\s+/).length
  if (!NICKNAMES.test(cron) && fields !== 5 && fields !== 6) {
    throw new BeatsError('cron', `has ${fields} ${fields === 1 ? 'field' : 'fields'}. ${HELP}`)
  }
  const pattern = parse(cron, timeZone)
  const after = (time: Date): Date | undefined => pattern.nextRun(time) ?? undefined
  if (after(new Date()) === undefined) throw new BeatsError('cron', 'never occurs')

  return {
    after,
    list: (time, count) => pattern.nextRuns(count, time),
    latest(from, until) {
      const inTime = (time: number): Date | undefined => {
        const beat = after(new Date(time))
        return beat && beat <= until ? beat : undefined
      }
      let latest = inTime(from.getTime() - 1)
      // By bisection: there may be a beat every second since long ago.
      let end = until.getTime()
      while (latest && end - latest.getTime() >= SECOND_MS) {
        const middle = Math.floor((latest.getTime() + end) / 2)
        const later = inTime(middle)
        if (later) latest = later
        else end = middle
      }
      return latest
    },
  }
}

function parse(cron: string, timezone: string): Cron {
  try {
    return new Cron(cron, { timezone, mode: '5-or-6-parts', paused: true })
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^\w+: /, '') : String(error)
    throw new BeatsError('cron', `is not a cron expression: ${reason.replace(/\.$/, '')}. ${HELP}`)
  }
}

function checkTimeZone(timeZone: string): void {
  try {
    Intl.DateTimeFormat('en', { timeZone })
  } catch {
    const similar = nearest(timeZone, ['UTC', ...Intl.supportedValuesOf('timeZone')])
    const advice = similar === undefined ? 'use a name such as Europe/Berlin' : `did you mean ${similar}?`
    throw new BeatsError('time_zone', `is not an IANA time zone: ${advice}`)
  }
}
