import type { SignedRequest } from '../schemes/scheme.ts'
import type { HandshakeAnswer } from './source.ts'

/** Handshakes are small; a large body is not even parsed. */
const MAX_BYTES = 16_384

/** Nothing that a stranger sends may be taken for a page. */
const HEADERS = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' }

export function answerText(body: string, status = 200): HandshakeAnswer {
  return { status, headers: { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' }, body }
}

/** The JSON of a small body that contains a word; undefined for anything else. */
export function smallJson({ rawBody }: SignedRequest, word: string): unknown {
  if (rawBody.length > MAX_BYTES || !rawBody.includes(word)) return undefined
  try {
    return JSON.parse(rawBody.toString())
  } catch {
    return undefined
  }
}
