import { isUtf8 } from 'node:buffer'
import { BellwireError } from '../../errors.ts'
import { nextTurn, SLICE_BYTES } from '../../contract/longJson/turns.ts'

/** Charsets whose texts are UTF-8 as they are. */
const SAME_AS_UTF8 = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii'])

/**
 * A text in UTF-8. A byte order mark says more than the charset that was named, and is left out. Long texts are
 * converted in slices, with turns of the event loop in between.
 *
 * @throws BellwireError `content_type_unsupported` for a charset that is not known, `body_invalid` for bytes that are
 *   not valid in it. Whether UTF-8 is valid is for others to check.
 */
export async function toUtf8(
  body: Buffer,
  charset: string | undefined,
  sliceBytes = SLICE_BYTES,
): Promise<Buffer> {
  const marked = charsetOfMark(body)
  if (marked) return marked === 'utf-8' ? body.subarray(3) : decode(body, marked, sliceBytes)
  if (charset === undefined || SAME_AS_UTF8.has(charset)) return body
  const isUtf16 = charset === 'utf-16' || charset === 'utf16'
  return decode(body, isUtf16 ? (body[0] === 0 ? 'utf-16be' : 'utf-16le') : charset, sliceBytes)
}

function charsetOfMark(body: Buffer): string | undefined {
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) return 'utf-8'
  if (body[0] === 0xff && body[1] === 0xfe) return 'utf-16le'
  if (body[0] === 0xfe && body[1] === 0xff) return 'utf-16be'
  return undefined
}

async function decode(body: Buffer, charset: string, sliceBytes: number): Promise<Buffer> {
  const decoder = decoderOf(charset)
  if (!decoder) {
    throw new BellwireError('content_type_unsupported', `The charset ${charset} is not known. Send UTF-8.`)
  }
  const pieces: Buffer[] = []
  try {
    for (let from = 0; from < body.length; from += sliceBytes) {
      if (from > 0) await nextTurn()
      pieces.push(Buffer.from(decoder.decode(body.subarray(from, from + sliceBytes), { stream: true })))
    }
    pieces.push(Buffer.from(decoder.decode()))
  } catch {
    throw new BellwireError('body_invalid', `The body is not valid ${charset}.`)
  }
  return pieces.length === 2 && pieces[1]?.length === 0 ? (pieces[0] as Buffer) : Buffer.concat(pieces)
}

function decoderOf(charset: string) {
  try {
    return new TextDecoder(charset, { fatal: true })
  } catch {
    return undefined
  }
}

/** Text in UTF-8 as it is, or with U+FFFD in the place of what is not valid. */
export async function toValidUtf8(text: Buffer, sliceBytes = SLICE_BYTES): Promise<Buffer> {
  if (isUtf8(text)) return text
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const pieces: Buffer[] = []
  for (let from = 0; from < text.length; from += sliceBytes) {
    if (from > 0) await nextTurn()
    pieces.push(Buffer.from(decoder.decode(text.subarray(from, from + sliceBytes), { stream: true })))
  }
  pieces.push(Buffer.from(decoder.decode()))
  return Buffer.concat(pieces)
}
