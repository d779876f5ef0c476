import { endOfString } from '../../contract/longJson/jsonStrings.ts'
import {
  CLOSE_LIST,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
} from '../../contract/longJson/jsonSyntax.ts'
import { nextTurn, SLICE_BYTES } from '../../contract/longJson/turns.ts'

/** A member of an object, or an element of a list: JSON without the space around it. */
export type JsonChild = { name: Buffer | undefined; value: Buffer }

/**
 * Finds the members of an object, or the elements of a list, without creating their values. Long texts are searched in
 * slices, with turns of the event loop in between.
 *
 * @param json valid JSON in UTF-8
 * @param visit is called for each; the search ends when it returns true
 * @returns undefined for any other value
 */
export async function visitChildren(
  json: Buffer,
  visit: (child: JsonChild) => boolean | void,
  sliceBytes = SLICE_BYTES,
): Promise<'object' | 'list' | undefined> {
  let kind: 'object' | 'list' | undefined
  let depth = 0
  let name: Buffer | undefined
  /** Of the name or value that is being read. */
  let start = -1
  let end = 0
  let turnAt = sliceBytes

  for (let at = 0; at < json.length; at += 1) {
    if (at >= turnAt) {
      turnAt = at + sliceBytes
      await nextTurn()
    }
    const byte = json[at] as number
    if (byte <= 0x20) continue
    if (depth === 0) {
      if (byte !== OPEN_OBJECT && byte !== OPEN_LIST) return undefined
      kind = byte === OPEN_OBJECT ? 'object' : 'list'
      depth = 1
      continue
    }
    const isClosing = byte === CLOSE_LIST || byte === CLOSE_OBJECT
    if (depth === 1 && (byte === COMMA || isClosing)) {
      if (start >= 0 && visit({ name, value: json.subarray(start, end) })) return kind
      if (isClosing) return kind
      start = -1
      name = undefined
    } else if (depth === 1 && byte === COLON) {
      name = json.subarray(start, end)
      start = -1
    } else {
      if (start < 0) start = at
      if (byte === QUOTE) {
        let quote = endOfString(json, at + 1)
        for (; quote < 0; quote = endOfString(json, ~quote)) await nextTurn()
        at = quote
      } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth += 1
      else if (isClosing) depth -= 1
      end = at + 1
    }
  }
  return kind
}

/**
 * The members of an object, or the elements of a list; undefined for any other value.
 *
 * @param json valid JSON in UTF-8
 * @param max stops after one more than these
 */
export async function readChildren(
  json: Buffer,
  max: number,
  sliceBytes = SLICE_BYTES,
): Promise<{ isObject: boolean; children: JsonChild[] } | undefined> {
  const children: JsonChild[] = []
  const kind = await visitChildren(json, (child) => children.push(child) > max, sliceBytes)
  return kind && { isObject: kind === 'object', children }
}
