import { z } from 'zod'

const INSTANT = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/

/** The `+` of a time zone is a space where a client has not encoded it. */
function withPlus(text: string): string {
  return text.replace(' ', '+')
}

/** The time that an instant says. */
export function readInstant(text: string): Date {
  return new Date(withPlus(text))
}

/** Whether a text is a time with a time zone, or a day, that exists: there is no 30 February. */
export function isInstant(text: string): boolean {
  if (!INSTANT.test(withPlus(text)) || Number.isNaN(readInstant(text).getTime())) return false
  // JavaScript takes a day beyond the end of its month for one of the next month.
  const day = text.slice(0, 10)
  return new Date(day).toISOString().startsWith(day)
}

/** A time in a query or a filter: with a time zone, or a day (UTC). What is read is always in UTC. */
export const Instant = z
  .string()
  .refine(isInstant, 'use a time such as 2026-03-01T08:00:00Z, or a day such as 2026-03-01 (UTC)')
  .overwrite((text) => (isInstant(text) ? readInstant(text).toISOString() : text))
  .meta({ format: 'date-time' })
