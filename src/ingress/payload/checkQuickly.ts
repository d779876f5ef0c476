import {
  BACKSLASH,
  CLOSE_LIST,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  ESCAPES,
  isDigit,
  isHex,
  MAX_DEPTH,
  MINUS,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
  WORDS,
} from '../../contract/longJson/jsonSyntax.ts'

/** Whether each open level is an object. The check is not interrupted, so there is one for all. */
const levels = new Uint8Array(MAX_DEPTH)

/** What a byte is in a string: 0 for one that is just a part of it. */
const IN_STRING = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === QUOTE || byte === BACKSLASH ? 1 : 0,
)

/** Numbers of so many characters may lose digits when they are parsed. */
const LONG_NUMBER = 16

/** Whether a long number was found in the text that is checked. */
let hasLongNumber = false

/**
 * Checks a text as the scanner does (jsonScanner.ts), in half of the time, and says nothing about what is wrong.
 *
 * @param json UTF-8, short: it is checked at once
 * @returns `valid`: JSON (RFC 8259), and none of its numbers can lose digits; `long_numbers`: some may; undefined when it
 *   is not valid, and where only the scanner can tell
 */
export function checkQuickly(json: Buffer): 'valid' | 'long_numbers' | undefined {
  hasLongNumber = false
  if (!isValid(json)) return undefined
  return hasLongNumber ? 'long_numbers' : 'valid'
}

function isValid(json: Buffer): boolean {
  const { length } = json
  let depth = 0
  let at = skipSpace(json, 0)
  for (;;) {
    // A value.
    const first = json[at]
    if (first === QUOTE) at = skipString(json, at)
    else if (first === OPEN_OBJECT || first === OPEN_LIST) {
      if (depth === MAX_DEPTH) return false
      const isObject = first === OPEN_OBJECT
      levels[depth] = isObject ? 1 : 0
      depth += 1
      at = skipSpace(json, at + 1)
      if (json[at] !== (isObject ? CLOSE_OBJECT : CLOSE_LIST)) {
        if (isObject) at = skipName(json, at)
        if (at < 0) return false
        continue
      }
      depth -= 1
      at += 1
    } else at = skipWord(json, at)
    if (at < 0) return false
    // What follows it.
    for (;;) {
      at = skipSpace(json, at)
      if (depth === 0) return at === length
      const isObject = levels[depth - 1] === 1
      const next = json[at]
      at += 1
      if (next === COMMA) {
        at = skipSpace(json, at)
        if (isObject) at = skipName(json, at)
        if (at < 0) return false
        break
      }
      if (next !== (isObject ? CLOSE_OBJECT : CLOSE_LIST)) return false
      depth -= 1
    }
  }
}

function skipSpace(json: Buffer, from: number): number {
  let at = from
  for (; at < json.length; at += 1) {
    const byte = json[at] as number
    if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) break
  }
  return at
}

/** The place behind a name and its colon, where the value starts; -1 when it is not valid. */
function skipName(json: Buffer, from: number): number {
  if (json[from] !== QUOTE) return -1
  const end = skipString(json, from)
  if (end < 0) return -1
  const colon = skipSpace(json, end)
  return json[colon] === COLON ? skipSpace(json, colon + 1) : -1
}

/** The place behind a string; -1 when it is not valid. */
function skipString(json: Buffer, from: number): number {
  const { length } = json
  let at = from + 1
  while (at < length) {
    const byte = json[at] as number
    if (IN_STRING[byte] === 0) {
      at += 1
      continue
    }
    if (byte === QUOTE) return at + 1
    if (byte !== BACKSLASH) return -1
    const escaped = json[at + 1] ?? 0
    if (escaped === 0x75) {
      for (let digit = 2; digit <= 5; digit += 1) if (!isHex(json[at + digit])) return -1
      at += 6
    } else if (ESCAPES.has(escaped)) at += 2
    else return -1
  }
  return -1
}

/** The place behind a number, or `true`, `false` and `null`; -1 when it is not valid. */
function skipWord(json: Buffer, from: number): number {
  const first = json[from]
  if (first === MINUS || isDigit(first)) return skipNumber(json, from)
  const word = first === undefined ? undefined : WORDS.get(first)
  if (!word) return -1
  for (let index = 1; index < word.length; index += 1) if (json[from + index] !== word[index]) return -1
  return from + word.length
}

function skipNumber(json: Buffer, from: number): number {
  const end = endOfNumber(json, from)
  if (end - from >= LONG_NUMBER) hasLongNumber = true
  return end
}

function endOfNumber(json: Buffer, from: number): number {
  let at = json[from] === MINUS ? from + 1 : from
  if (json[at] === 0x30) {
    at += 1
    if (isDigit(json[at])) return -1
  } else at = skipDigits(json, at)
  if (at > 0 && json[at] === 0x2e) at = skipDigits(json, at + 1)
  if (at > 0 && (json[at] === 0x65 || json[at] === 0x45)) {
    hasLongNumber = true
    at += 1
    if (json[at] === 0x2b || json[at] === MINUS) at += 1
    at = skipDigits(json, at)
  }
  return at
}

/** The place behind one digit or more; -1 when there is none. */
function skipDigits(json: Buffer, from: number): number {
  let at = from
  while (isDigit(json[at])) at += 1
  return at > from ? at : -1
}
