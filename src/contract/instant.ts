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

/** Whether a text is a time with a time zone, or a day. */
export function isInstant(text: string): boolean {
  return INSTANT.test(withPlus(text)) && !Number.isNaN(readInstant(text).getTime())
}

/** A time in a query or a filter: with a time zone, or a day (UTC). What is read is always in UTC. */
export const Instant = z
  .string()
  .refine(isInstant, 'use a time such as 2026-03-01T08:00:00Z, or a day such as 2026-03-01 (UTC)')
  .overwrite((text) => (isInstant(text) ? readInstant(text).toISOString() : text))
  .meta({ format: 'date-time' })
