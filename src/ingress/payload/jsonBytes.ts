import { BellwireError } from '../../errors.ts'
import { nextTurn, SLICE_BYTES } from '../../contract/longJson/turns.ts'

const QUOTE = Buffer.from('"')

/** How much longer than a text its JSON may be. Quotes, backslashes and line breaks take two bytes each. */
const MAX_GROWTH = 2

/** JSON up to this length may be any number of times longer than its text. */
const ANY_GROWTH_BYTES = 1024 * 1024

/**
 * Writes a text as a JSON string. Long texts are converted in slices, with turns of the event loop in between.
 *
 * @param text valid UTF-8
 * @param sliceBytes at least 4, the length of the longest character
 * @returns JSON in UTF-8
 * @throws BellwireError `body_invalid` for a long text of control characters: in JSON they are six times as long
 */
export async function toJsonString(text: Buffer, sliceBytes = SLICE_BYTES): Promise<Buffer> {
  if (text.length <= sliceBytes) return Buffer.from(JSON.stringify(text.toString('utf8')))
  const pieces = [QUOTE]
  let written = 0
  for (let from = 0; from < text.length;) {
    let end = Math.min(from + sliceBytes, text.length)
    while (isInsideCharacter(text[end])) end -= 1
    const piece = Buffer.from(JSON.stringify(text.toString('utf8', from, end))).subarray(1, -1)
    pieces.push(piece)
    written += piece.length
    if (written > Math.max(text.length * MAX_GROWTH, ANY_GROWTH_BYTES)) {
      throw new BellwireError(
        'body_invalid',
        'The text consists of control characters for the most part. Send it in base64.',
      )
    }
    from = end
    await nextTurn()
  }
  pieces.push(QUOTE)
  return Buffer.concat(pieces)
}

/** Whether a byte of UTF-8 continues a character. */
function isInsideCharacter(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}

/** Writes an object. A name that comes more than once has a list. Names and values are JSON in UTF-8. */
export function toJsonObject(members: Iterable<readonly [name: Buffer, value: Buffer]>): Buffer {
  const values = new Map<string, Buffer[]>()
  for (const [name, value] of members) {
    const key = name.toString('utf8')
    const before = values.get(key)
    if (before) before.push(value)
    else values.set(key, [value])
  }
  const pieces: Buffer[] = []
  for (const [name, list] of values) {
    pieces.push(Buffer.from(`${pieces.length === 0 ? '{' : ','}${name}:`))
    pieces.push(...(list.length === 1 ? list : [toJsonList(list)]))
  }
  if (pieces.length === 0) pieces.push(Buffer.from('{'))
  pieces.push(Buffer.from('}'))
  return Buffer.concat(pieces)
}

/** Writes a list of values that are JSON in UTF-8. */
export function toJsonList(values: readonly Buffer[]): Buffer {
  const pieces = values.flatMap((value, index) => [Buffer.from(index === 0 ? '[' : ','), value])
  return Buffer.concat(values.length === 0 ? [Buffer.from('[]')] : [...pieces, Buffer.from(']')])
}
