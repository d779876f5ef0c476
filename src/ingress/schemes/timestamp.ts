import { failure, type Failure } from './scheme.ts'

const DIGITS = /^\d{1,16}$/
const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/i

/** From this number on a count since 1970 is one of milliseconds: as seconds it is the year 5138. */
const FIRST_MILLISECONDS = 100_000_000_000

/** Reads seconds or milliseconds since 1970, or an ISO 8601 time; undefined for anything else. In milliseconds. */
export function parseTimestamp(text: string): number | undefined {
  if (DIGITS.test(text)) {
    const count = Number(text)
    return count < FIRST_MILLISECONDS ? count * 1000 : count
  }
  const time = ISO.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? undefined : time
}

/** Refuses a timestamp that is further from now than the tolerance, in either direction. */
export function checkAge(
  text: string | undefined,
  { name, toleranceSeconds, now }: { name: string; toleranceSeconds: number; now: Date },
): Failure | undefined {
  const expected = `a timestamp in ${name} within ${toleranceSeconds} seconds of now`
  if (text === undefined) return failure('signature_missing', expected, `no ${name}`)
  const time = parseTimestamp(text)
  if (time === undefined) return failure('timestamp_expired', expected, 'a value that is not a timestamp')
  const age = Math.round((now.getTime() - time) / 1000)
  if (Math.abs(age) <= toleranceSeconds) return undefined
  const received = age > 0 ? `a timestamp ${age} seconds old` : `a timestamp ${-age} seconds in the future`
  return failure('timestamp_expired', expected, received)
}
