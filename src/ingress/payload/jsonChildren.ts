import { endOfString } from './countValues.ts'
import { nextTurn, SLICE_BYTES } from './turns.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** A member of an object, or an element of a list: JSON without the space around it. */
export type JsonChild = { name: Buffer | undefined; value: Buffer }

/**
 * Finds the members of an object, or the elements of a list, without creating their values. Long texts are searched in
 * slices, with turns of the event loop in between.
 *
 * @param json valid JSON in UTF-8
 * @param max stops after one more than these
 * @returns undefined for any other value
 */
export async function readChildren(
  json: Buffer,
  max: number,
): Promise<{ isObject: boolean; children: JsonChild[] } | undefined> {
  const whole = trim(json)
  const isObject = whole[0] === OPEN_OBJECT
  if (!isObject && whole[0] !== OPEN_LIST) return undefined
  const children: JsonChild[] = []
  let name: Buffer | undefined
  let start = 1
  let depth = 0
  let turnAt = SLICE_BYTES

  for (let at = 1; at < whole.length && children.length <= max; at += 1) {
    const byte = whole[at]
    if (byte === QUOTE) at = endOfString(whole, at)
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth += 1
    else if (depth > 0) {
      if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth -= 1
    } else if (byte === COLON) {
      name = trim(whole.subarray(start, at))
      start = at + 1
    } else if (byte === COMMA || byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      const value = trim(whole.subarray(start, at))
      if (value.length > 0) children.push({ name, value })
      start = at + 1
    }
    if (at >= turnAt) {
      await nextTurn()
      turnAt = at + SLICE_BYTES
    }
  }
  return { isObject, children }
}

function trim(json: Buffer): Buffer {
  let start = 0
  let end = json.length
  while (start < end && isSpace(json[start])) start += 1
  while (end > start && isSpace(json[end - 1])) end -= 1
  return json.subarray(start, end)
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
