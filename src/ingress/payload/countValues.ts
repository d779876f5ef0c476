import { endOfString } from '../../contract/longJson/jsonStrings.ts'
import { COMMA, OPEN_LIST, OPEN_OBJECT, QUOTE } from '../../contract/longJson/jsonSyntax.ts'
import { nextTurn, SLICE_BYTES } from '../../contract/longJson/turns.ts'

/**
 * Whether valid JSON has more values than `max`: lists, objects, strings, numbers and so on. Strings are passed over as
 * a whole, so it takes a small part of the time that parsing takes; turns of the event loop are in between.
 */
export async function hasMoreValues(json: Buffer, max: number, sliceBytes = SLICE_BYTES): Promise<boolean> {
  // Each value but the last needs a separator.
  if (json.length < 2 * max) return false
  let values = 1
  let turnAt = sliceBytes
  for (let at = 0; at < json.length; at += 1) {
    if (at >= turnAt) {
      turnAt = at + sliceBytes
      await nextTurn()
    }
    const byte = json[at]
    if (byte === QUOTE) {
      let end = endOfString(json, at + 1)
      for (; end < 0; end = endOfString(json, ~end)) await nextTurn()
      at = end
    } else if (byte === COMMA || byte === OPEN_LIST || byte === OPEN_OBJECT) {
      values += 1
      if (values > max) return true
    }
  }
  return false
}
