import { BellwireError } from '../../errors.ts'

/** Charsets whose texts are UTF-8 as they are. */
const SAME_AS_UTF8 = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii'])

/**
 * A text in UTF-8. A byte order mark says more than the charset that was named, and is left out.
 *
 * @throws BellwireError `content_type_unsupported` for a charset that is not known, `body_invalid` for bytes that are
 *   not valid in it. Whether UTF-8 is valid is for others to check.
 */
export function toUtf8(body: Buffer, charset: string | undefined): Buffer {
  const marked = charsetOfMark(body)
  if (marked) return marked.charset === 'utf-8' ? body.subarray(3) : decode(body, marked.charset)
  if (charset === undefined || SAME_AS_UTF8.has(charset)) return body
  if (charset === 'utf-16' || charset === 'utf16')
    return decode(body, body[0] === 0 ? 'utf-16be' : 'utf-16le')
  return decode(body, charset)
}

function charsetOfMark(body: Buffer): { charset: string } | undefined {
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) return { charset: 'utf-8' }
  if (body[0] === 0xff && body[1] === 0xfe) return { charset: 'utf-16le' }
  if (body[0] === 0xfe && body[1] === 0xff) return { charset: 'utf-16be' }
  return undefined
}

function decode(body: Buffer, charset: string): Buffer {
  const decoder = decoderOf(charset)
  if (!decoder) {
    throw new BellwireError('content_type_unsupported', `The charset ${charset} is not known. Send UTF-8.`)
  }
  try {
    return Buffer.from(decoder.decode(body))
  } catch {
    throw new BellwireError('body_invalid', `The body is not valid ${charset}.`)
  }
}

function decoderOf(charset: string) {
  try {
    return new TextDecoder(charset, { fatal: true })
  } catch {
    return undefined
  }
}
