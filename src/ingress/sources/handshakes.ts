import { bodyJson } from '../schemes/bodyJson.ts'
import type { SignedRequest } from '../schemes/scheme.ts'
import type { HandshakeAnswer } from './source.ts'

/** Handshakes are small; a large body is not even parsed. */
const MAX_BYTES = 16_384

/** Nothing that a stranger sends may be taken for a page. */
export const HEADERS = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' }

export function answerText(body: string, status = 200): HandshakeAnswer {
  return { status, headers: { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' }, body }
}

export function answerJson(value: unknown, status = 200): HandshakeAnswer {
  return {
    status,
    headers: { ...HEADERS, 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(value),
  }
}

/** No content; with a type all the same, which Discord asks for. */
export function answerEmpty(): HandshakeAnswer {
  return { status: 204, headers: { ...HEADERS, 'content-type': 'application/json' }, body: '' }
}

/** The JSON of a small body that contains a word; undefined for anything else. */
export function smallJson({ rawBody }: SignedRequest, word: string): unknown {
  if (rawBody.length > MAX_BYTES || !rawBody.includes(word)) return undefined
  return bodyJson(rawBody)
}

/** A parameter of the query that is there once and is not empty. */
export function queryText({ query }: SignedRequest, name: string): string | undefined {
  const value = query[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}
