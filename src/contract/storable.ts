import { ExactNumber } from './exactJson.ts'
import { jsonPointer } from './fieldErrors.ts'

/** What PostgreSQL's JSON cannot represent: NUL characters, and unpaired surrogates. */
const UNSTORABLE = /\0|\p{Cs}/u

/** JSON pointers to the strings of a value, member names included, that PostgreSQL cannot store. */
export function findUnstorable(value: unknown, at = ''): string[] {
  if (typeof value === 'string') return UNSTORABLE.test(value) ? [at] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) =>
    UNSTORABLE.test(name) ? [at] : findUnstorable(member, at + jsonPointer([name])),
  )
}

/** Whether PostgreSQL can store all strings of a value, member names included. */
export function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return !UNSTORABLE.test(value)
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every(isStorable)
  return Object.entries(value).every(([name, member]) => !UNSTORABLE.test(name) && isStorable(member))
}

/** A text that PostgreSQL and URLs can hold: what they cannot becomes the replacement character. */
export function toStorableText(text: string): string {
  return text.replaceAll('\0', '\ufffd').toWellFormed()
}

/**
 * The same value in a storable form: unpaired surrogates become the replacement character, NUL is written as `\u0000`,
 * which means the same in a regular expression.
 *
 * @param change an additional change to each string
 */
export function toStorable<T>(value: T, change?: (text: string) => string): T
export function toStorable(value: unknown, change: (text: string) => string = (text) => text): unknown {
  if (typeof value === 'string') return change(value).toWellFormed().replaceAll('\0', '\\u0000')
  if (Array.isArray(value)) return value.map((item: unknown) => toStorable(item, change))
  if (typeof value !== 'object' || value === null || value instanceof ExactNumber) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      toStorable(name, change),
      toStorable<unknown>(member, change),
    ]),
  )
}
