import {
  BACKSLASH,
  CLOSE_LIST,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  ESCAPES,
  isDigit,
  isHex,
  MINUS,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
  WORDS,
} from '../../contract/longJson/jsonSyntax.ts'

/** A JSON syntax error and its position. */
export type JsonFault = { offset: number; detail: string }

/** Scans JSON text (RFC 8259) without creating its values. */
export type JsonScanner = {
  /**
   * Scans to at least `offset`, or to the end of the text.
   *
   * @returns `more`: there is text left; `done`: all of it is valid; or the first error
   */
  advance(offset: number): 'more' | 'done' | JsonFault
}

type Expected =
  | 'a value'
  | 'a value or "]"'
  | 'a name in quotes'
  | 'a name in quotes or "}"'
  | '":"'
  | '"," or "}"'
  | '"," or "]"'
  | 'the end'

/**
 * @param json UTF-8
 * @param limits.maxDepth maximum levels of lists and objects
 * @param limits.maxValues maximum number of values in total
 */
export function createJsonScanner(
  json: Buffer,
  { maxDepth, maxValues = Infinity }: { maxDepth: number; maxValues?: number },
): JsonScanner {
  const length = json.length
  /** Whether each open level is an object. */
  const levels: boolean[] = []
  let at = 0
  let expected: Expected = 'a value'
  /** Start of the string being scanned; it may be longer than one advance. */
  let string: number | undefined
  let limit = 0
  let values = 0

  function fault(detail: string, offset = at): JsonFault {
    return { offset, detail }
  }

  function unexpected(wanted: string = expected, offset = at): JsonFault {
    return fault(`expected ${wanted}, found ${foundAt(json, offset)}`, offset)
  }

  /** Continues scanning a string, after its first quote. */
  function readString(): JsonFault | undefined {
    for (; ; at += 1) {
      at = endOfPlain(json, at, Math.min(limit, length))
      if (at >= length) break
      const byte = json[at] as number
      if (byte === QUOTE) {
        at += 1
        string = undefined
        if (isName()) expected = '":"'
        else endValue()
        return undefined
      }
      if (byte < 0x20) return fault(`found ${foundAt(json, at)} in a string; write it as an escape`)
      if (byte === BACKSLASH) {
        at += 1
        if (json[at] === 0x75) {
          for (let digit = 1; digit <= 4; digit += 1) {
            if (!isHex(json[at + digit])) return unexpected('four hexadecimal digits after "\\u"', at + digit)
          }
          at += 4
        } else if (!ESCAPES.has(json[at] as number)) {
          return unexpected('one of "\\/bfnrtu after a backslash')
        }
      }
      if (at >= limit) {
        at += 1
        return undefined
      }
    }
    return fault('this string is not terminated', string)
  }

  function isName(): boolean {
    return expected === 'a name in quotes' || expected === 'a name in quotes or "}"'
  }

  function beginString(): JsonFault | undefined {
    string = at
    at += 1
    return readString()
  }

  function readNumber(): JsonFault | undefined {
    if (json[at] === MINUS) at += 1
    if (json[at] === 0x30) {
      at += 1
      if (isDigit(json[at])) return fault('a number cannot begin with 0', at - 1)
    } else if (!readDigits()) return unexpected('a digit')
    if (json[at] === 0x2e) {
      at += 1
      if (!readDigits()) return unexpected('a digit')
    }
    if (json[at] === 0x65 || json[at] === 0x45) {
      at += 1
      if (json[at] === 0x2b || json[at] === MINUS) at += 1
      if (!readDigits()) return unexpected('a digit')
    }
    return undefined
  }

  function readDigits(): boolean {
    const start = at
    while (isDigit(json[at])) at += 1
    return at > start
  }

  function readWord(word: Buffer): JsonFault | undefined {
    for (let index = 1; index < word.length; index += 1) {
      if (json[at + index] !== word[index]) return unexpected()
    }
    at += word.length
    return undefined
  }

  function open(isObject: boolean): JsonFault | undefined {
    if (levels.length === maxDepth)
      return fault(`lists and objects are nested more than ${maxDepth} levels deep`)
    levels.push(isObject)
    at += 1
    expected = isObject ? 'a name in quotes or "}"' : 'a value or "]"'
    return undefined
  }

  function close(): void {
    levels.pop()
    at += 1
    endValue()
  }

  function endValue(): void {
    const isObject = levels[levels.length - 1]
    expected = isObject === undefined ? 'the end' : isObject ? '"," or "}"' : '"," or "]"'
  }

  function readValue(byte: number): JsonFault | undefined {
    values += 1
    if (values > maxValues) return fault(`there are more than ${maxValues} values`)
    if (byte === OPEN_OBJECT) return open(true)
    if (byte === OPEN_LIST) return open(false)
    if (byte === QUOTE) return beginString()
    const word = WORDS.get(byte)
    const isNumber = byte === MINUS || isDigit(byte)
    const wrong = isNumber ? readNumber() : word ? readWord(word) : unexpected()
    if (!wrong) endValue()
    return wrong
  }

  /** Scans one token, which starts with `byte`. */
  function read(byte: number): JsonFault | undefined {
    switch (expected) {
      case 'a value or "]"':
        if (byte !== CLOSE_LIST) return readValue(byte)
        return close() as undefined
      case 'a value':
        return readValue(byte)
      case 'a name in quotes or "}"':
      case 'a name in quotes':
        if (byte === CLOSE_OBJECT && expected !== 'a name in quotes') return close() as undefined
        return byte === QUOTE ? beginString() : unexpected()
      case '":"':
        if (byte !== COLON) return unexpected()
        at += 1
        expected = 'a value'
        return undefined
      case '"," or "}"':
      case '"," or "]"':
        if (byte === COMMA) {
          at += 1
          expected = levels.at(-1) ? 'a name in quotes' : 'a value'
          return undefined
        }
        if (byte !== (levels.at(-1) ? CLOSE_OBJECT : CLOSE_LIST)) return unexpected()
        return close() as undefined
      case 'the end':
        return unexpected()
    }
  }

  return {
    advance(offset) {
      limit = offset
      while (at < length) {
        const byte = json[at] as number
        if (string !== undefined) {
          const wrong = readString()
          if (wrong) return wrong
        } else if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) at += 1
        else {
          const wrong = read(byte)
          if (wrong) return wrong
        }
        if (at >= offset && at < length) return 'more'
      }
      if (string !== undefined) return fault('this string is not terminated', string)
      return expected === 'the end' ? 'done' : unexpected()
    },
  }
}

/** The first byte of a string, from a place on, that is not an ordinary character; `end` when all are. */
function endOfPlain(json: Buffer, from: number, end: number): number {
  let at = from
  while (at < end) {
    const byte = json[at] as number
    if (byte === QUOTE || byte === BACKSLASH || byte < 0x20) break
    at += 1
  }
  return at
}

/** Describes the character at a position. */
function foundAt(json: Buffer, offset: number): string {
  const byte = json[offset]
  if (byte === undefined) return 'the end of the text'
  if (byte < 0x20 || byte === 0x7f) return `the control character ${byte}`
  const [character = ''] = json.subarray(offset, offset + 4).toString('utf8')
  return JSON.stringify(character)
}
