import { jsonPointer } from './fieldErrors.ts'

/** What PostgreSQL's JSON cannot give back: the character NUL, and half a surrogate pair. */
const UNSTORABLE = /\0|\p{Cs}/u

/** JSON pointers to the texts of a value, names of members included, that PostgreSQL could not give back. */
export function findUnstorable(value: unknown, at = ''): string[] {
  if (typeof value === 'string') return UNSTORABLE.test(value) ? [at] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) =>
    UNSTORABLE.test(name) ? [at] : findUnstorable(member, at + jsonPointer([name])),
  )
}

/**
 * The same value in a form that can be kept: half a surrogate pair becomes the replacement character, NUL is written
 * out as `\u0000`, which in a regular expression means the same.
 *
 * @param change what else is done to each text
 */
export function toStorable<T>(value: T, change?: (text: string) => string): T
export function toStorable(value: unknown, change: (text: string) => string = (text) => text): unknown {
  if (typeof value === 'string') return change(value).toWellFormed().replaceAll('\0', '\\u0000')
  if (Array.isArray(value)) return value.map((item: unknown) => toStorable(item, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      toStorable(name, change),
      toStorable<unknown>(member, change),
    ]),
  )
}
