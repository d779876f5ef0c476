import { isUtf8 } from 'node:buffer'
import { BellwireError } from '../../errors.ts'

/** Deeper values would overflow the stack of whatever walks them. No sender that we know of comes near. */
const MAX_DEPTH = 200

/**
 * Checks that a body is JSON that everything after can work with, and gives the bytes to keep: as received,
 * without a byte order mark.
 *
 * @throws BellwireError `body_invalid`
 */
export function parseJsonBody(body: Buffer): { bytes: Buffer; value: unknown } {
  const bytes = body.length >= 3 && body.readUIntBE(0, 3) === 0xefbbbf ? body.subarray(3) : body
  if (bytes.length === 0) {
    throw new BellwireError('body_invalid', 'The body is empty. Send JSON, for example {"question": "..."}.')
  }
  if (!isUtf8(bytes)) throw new BellwireError('body_invalid', 'The body is not valid UTF-8.')
  if (bytes.length > 2 * MAX_DEPTH && depth(bytes) > MAX_DEPTH) {
    throw new BellwireError('body_invalid', `The JSON is nested more than ${MAX_DEPTH} levels deep.`)
  }
  try {
    return { bytes, value: JSON.parse(bytes.toString('utf8')) }
  } catch {
    throw new BellwireError('body_invalid', 'The body is not valid JSON.')
  }
}

/** The deepest nesting of arrays and objects, without parsing. */
function depth(json: Buffer): number {
  let level = 0
  let deepest = 0
  let inString = false
  for (let index = 0; index < json.length; index += 1) {
    const byte = json[index]
    if (inString) {
      if (byte === 0x5c) index += 1
      else if (byte === 0x22) inString = false
    } else if (byte === 0x22) {
      inString = true
    } else if (byte === 0x7b || byte === 0x5b) {
      level += 1
      if (level > deepest) deepest = level
    } else if (byte === 0x7d || byte === 0x5d) {
      level -= 1
    }
  }
  return deepest
}

export type Query = Record<string, string | string[]>

/**
 * Reads a query string; a key that comes more than once becomes a list.
 *
 * @throws BellwireError `query_invalid` for NUL characters, which no database text can hold
 */
export function parseQuery(search: string): Query {
  const query: Query = Object.create(null)
  if (search === '') return query
  for (const [name, value] of new URLSearchParams(search)) {
    if (name.includes('\0') || value.includes('\0')) throw new BellwireError('query_invalid')
    const before = query[name]
    if (before === undefined) query[name] = value
    else if (Array.isArray(before)) before.push(value)
    else query[name] = [before, value]
  }
  return query
}
