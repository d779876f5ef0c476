import { parseExact } from '../exactJson.ts'
import { BellwireError } from '../../errors.ts'
import { endOfString, readLongString } from './jsonStrings.ts'
import { CLOSE_LIST, CLOSE_OBJECT, COLON, COMMA, OPEN_LIST, OPEN_OBJECT, QUOTE } from './jsonSyntax.ts'
import { nextTurn } from './turns.ts'

/** Bytes of one number. */
const MAX_NUMBER = 1_000

/** Numbers that may lose digits: keeping them takes twenty times as long as other values, and an object for each. */
const MAX_LONG_NUMBERS = 20_000

/** Bytes that are parsed in one turn: less than a millisecond of work, but for numbers that lose digits three. */
const PARSED_BYTES = 8 * 1024

/** A list or an object that is being read. */
type Level = {
  isObject: boolean
  start: number
  /** What was parsed of it. */
  value: unknown[] | Record<string, unknown>
  /** The children that are to be parsed together; -1 when there is none. */
  from: number
  to: number
  /** The name of the member that is being read; -1 when there is none. */
  nameFrom: number
  nameTo: number
}

/**
 * Parses JSON as parseExact does, in parts of `sliceBytes` with turns of the event loop in between: children that are
 * short are parsed together, what is longer is put together from its children. Each byte is parsed once, at any depth.
 *
 * @param json valid JSON in UTF-8
 * @param sliceBytes at least 12
 * @throws BellwireError `body_invalid` for more than `maxValues` values, for a number of more than 1,000 characters,
 *   and for more than 20,000 numbers that may lose digits
 */
export async function parseLong(
  json: Buffer,
  {
    maxValues = Infinity,
    maxNumber = MAX_NUMBER,
    maxLongNumbers = MAX_LONG_NUMBERS,
    sliceBytes = PARSED_BYTES,
  }: { maxValues?: number; maxNumber?: number; maxLongNumbers?: number; sliceBytes?: number } = {},
): Promise<unknown> {
  const levels: Level[] = []
  let root: unknown
  let values = 1
  let longNumbers = 0
  let turnAt = sliceBytes

  const parse = async (from: number, to: number): Promise<unknown> =>
    to - from > sliceBytes && json[from] === QUOTE
      ? readLongString(json.subarray(from, to), sliceBytes)
      : parseExact(json.toString('utf8', from, to))

  /** Parses the children that wait. */
  async function flush(level: Level): Promise<void> {
    if (level.from < 0) return
    const text = json.toString('utf8', level.from, level.to)
    level.from = -1
    append(level, parseExact(level.isObject ? `{${text}}` : `[${text}]`))
    await nextTurn()
  }

  /** Parses a value by itself; `long` is what was made of a long list or object. */
  async function take(level: Level | undefined, from: number, to: number, long?: Level): Promise<void> {
    if (!level) {
      root = long ? long.value : await parse(from, to)
      return
    }
    await flush(level)
    const name = level.isObject ? await parse(level.nameFrom, level.nameTo) : ''
    add(level, name as string, long ? long.value : await parse(from, to))
    level.nameFrom = -1
  }

  /** Lets a short value wait for others beside it. Gives a promise only where something is parsed. */
  function endValue(from: number, to: number, long?: Level): Promise<void> | undefined {
    const level = levels.at(-1)
    const begin = level?.isObject ? level.nameFrom : from
    if (!level || long || to - begin > sliceBytes) return take(level, from, to, long)
    const pending = level.from >= 0 && to - level.from > sliceBytes ? flush(level) : undefined
    if (level.from < 0) level.from = begin
    level.to = to
    level.nameFrom = -1
    return pending
  }

  for (let at = 0; at < json.length; at += 1) {
    if (at >= turnAt) {
      turnAt = at + sliceBytes
      await nextTurn()
    }
    const byte = json[at] as number
    if (byte <= 0x20 || byte === COLON) continue
    if (byte === COMMA || byte === OPEN_LIST || byte === OPEN_OBJECT) {
      values += 1
      if (values > maxValues) throw tooMany(maxValues)
      if (byte !== COMMA) levels.push(newLevel(byte === OPEN_OBJECT, at))
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      const level = levels.pop() as Level
      const isLong = at + 1 - level.start > sliceBytes
      if (isLong) await flush(level)
      const pending = endValue(level.start, at + 1, isLong ? level : undefined)
      if (pending) await pending
    } else if (byte === QUOTE) {
      const start = at
      let end = endOfString(json, at + 1)
      for (; end < 0; end = endOfString(json, ~end)) await nextTurn()
      at = end
      const level = levels.at(-1)
      if (level?.isObject && level.nameFrom < 0) {
        level.nameFrom = start
        level.nameTo = end + 1
      } else {
        const pending = endValue(start, end + 1)
        if (pending) await pending
      }
    } else {
      const start = at
      let mayLoseDigits = false
      while (isInside(json[at + 1])) {
        at += 1
        // The letter e, small or capital, before an exponent; true and false have it, too.
        mayLoseDigits ||= ((json[at] as number) | 0x20) === 0x65 && isDigit(json[start])
      }
      const length = at + 1 - start
      if (length > maxNumber) {
        throw new BellwireError('body_invalid', `A number has more than ${maxNumber} characters.`)
      }
      if (mayLoseDigits || length > 15) longNumbers += 1
      if (longNumbers > maxLongNumbers) throw tooManyLong()
      const pending = endValue(start, at + 1)
      if (pending) await pending
    }
  }
  return root
}

/**
 * Parses JSON that was stored, of any size, as parseExact does; long texts in turns of the event loop.
 *
 * @param json valid JSON in UTF-8
 */
export async function parseStored(json: Buffer): Promise<unknown> {
  if (json.length <= PARSED_BYTES) return parseExact(json.toString('utf8'))
  return parseLong(json, { maxNumber: Infinity, maxLongNumbers: Infinity })
}

function newLevel(isObject: boolean, start: number): Level {
  return { isObject, start, value: isObject ? {} : [], from: -1, to: -1, nameFrom: -1, nameTo: -1 }
}

function append(level: Level, parsed: unknown): void {
  if (Array.isArray(parsed)) for (const item of parsed) add(level, '', item)
  else for (const [name, item] of Object.entries(parsed as object)) add(level, name, item)
}

function add({ value }: Level, name: string, item: unknown): void {
  if (Array.isArray(value)) value.push(item)
  // JSON.parse makes an ordinary member of it, an assignment would not.
  else if (name === '__proto__') Object.defineProperty(value, name, { value: item, ...ORDINARY })
  else value[name] = item
}

const ORDINARY = { enumerable: true, writable: true, configurable: true }

/** Whether a byte belongs to the number or word before it. */
function isInside(byte: number | undefined): boolean {
  return byte !== undefined && byte > 0x20 && byte !== COMMA && byte !== CLOSE_LIST && byte !== CLOSE_OBJECT
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= 0x30 && byte <= 0x39) || byte === 0x2d)
}

function tooManyLong(): BellwireError {
  return new BellwireError(
    'body_invalid',
    `The payload has more than ${MAX_LONG_NUMBERS} numbers of more than 15 digits or with an exponent, the most that this webhook can look into. Send them as strings.`,
  )
}

function tooMany(maxValues: number): BellwireError {
  return new BellwireError(
    'body_invalid',
    `The payload has more than ${maxValues} values, the most that this webhook can look into.`,
  )
}
