import { toValidUtf8 } from './charset.ts'
import { nextTurn, SLICE_BYTES } from '../../contract/longJson/turns.ts'

const AMPERSAND = 0x26
const EQUALS = 0x3d
const PERCENT = 0x25
const PLUS = 0x2b
const SPACE = 0x20

/** Whether there are more than `max` separators of fields in a form. */
export function hasMoreFields(form: Buffer, max: number): boolean {
  let separators = 0
  for (let at = form.indexOf(AMPERSAND); at >= 0; at = form.indexOf(AMPERSAND, at + 1)) {
    separators += 1
    if (separators >= max) return true
  }
  return false
}

/**
 * The fields of a form as URLSearchParams reads them, as bytes: for forms so long that reading them at once would hold
 * up other requests.
 *
 * @param sliceBytes at least 3, the length of an escape
 * @returns names and values in UTF-8
 */
export async function readLongForm(
  form: Buffer,
  sliceBytes = SLICE_BYTES,
): Promise<[name: Buffer, value: Buffer][]> {
  const fields: [Buffer, Buffer][] = []
  let sinceTurn = 0
  for (let from = 0; from <= form.length;) {
    const separator = form.indexOf(AMPERSAND, from)
    const end = separator < 0 ? form.length : separator
    if (end > from) {
      const pair = form.subarray(from, end)
      const equals = pair.indexOf(EQUALS)
      const name = equals < 0 ? pair : pair.subarray(0, equals)
      const value = equals < 0 ? pair.subarray(pair.length) : pair.subarray(equals + 1)
      fields.push([await decode(name, sliceBytes), await decode(value, sliceBytes)])
    }
    sinceTurn += end - from
    from = end + 1
    if (sinceTurn >= sliceBytes) {
      sinceTurn = 0
      await nextTurn()
    }
  }
  return fields
}

async function decode(encoded: Buffer, sliceBytes: number): Promise<Buffer> {
  const decoded = Buffer.allocUnsafe(encoded.length)
  let length = 0
  for (let from = 0; from < encoded.length;) {
    const end = Math.min(from + sliceBytes, encoded.length)
    for (; from < end; from += 1) {
      const byte = encoded[from] as number
      const escaped = byte === PERCENT ? escapedByte(encoded, from) : -1
      if (escaped >= 0) from += 2
      decoded[length] = escaped >= 0 ? escaped : byte === PLUS ? SPACE : byte
      length += 1
    }
    if (from < encoded.length) await nextTurn()
  }
  return toValidUtf8(decoded.subarray(0, length), sliceBytes)
}

/** The byte that two hexadecimal digits after a percent sign name; negative when there are none. */
function escapedByte(encoded: Buffer, at: number): number {
  const high = digit(encoded[at + 1])
  const low = digit(encoded[at + 2])
  return high < 0 || low < 0 ? -1 : high * 16 + low
}

function digit(byte: number | undefined): number {
  if (byte === undefined) return -1
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}
