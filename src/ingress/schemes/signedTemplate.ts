import { readHeader, type SignedRequest } from './scheme.ts'

/** The bytes that a signature covers, in pieces. */
export type Message = readonly (string | Buffer)[]

export type SignedTemplate = {
  usesTimestamp: boolean
  /** The message of a request, or the name of a header that it needs and the request does not have. */
  build(request: SignedRequest, timestamp: string): { message: Message } | { missing: string }
}

const PLACE = /\{([^{}]*)\}/g
const HEADER = /^header:([!#$%&'*+.^_`|~0-9a-z-]+)$/i
const ID_HEADERS = ['webhook-id', 'svix-id']

type Piece = string | ((request: SignedRequest, timestamp: string) => string | Buffer | { missing: string })

/**
 * Compiles what a signature covers: a text with `{body}`, `{timestamp}`, `{id}` (the header Webhook-Id), `{url}`,
 * `{method}` and `{header:NAME}` in it, such as `{timestamp}.{body}`.
 *
 * @throws Error with a sentence that says what is wrong with the text
 */
export function compileSigned(text: string): SignedTemplate {
  const pieces: Piece[] = []
  const used = new Set<string>()
  let end = 0
  for (const match of text.matchAll(PLACE)) {
    if (match.index > end) pieces.push(text.slice(end, match.index))
    const name = match[1] ?? ''
    used.add(name)
    pieces.push(pieceOf(name))
    end = match.index + match[0].length
  }
  if (end < text.length) pieces.push(text.slice(end))
  if (!used.has('body')) throw new Error('it must contain {body}: otherwise anybody can change the body')

  return {
    usesTimestamp: used.has('timestamp'),
    build(request, timestamp) {
      const message: (string | Buffer)[] = []
      for (const piece of pieces) {
        const part = typeof piece === 'string' ? piece : piece(request, timestamp)
        if (typeof part === 'object' && 'missing' in part) return part
        message.push(part)
      }
      return { message }
    },
  }
}

function pieceOf(name: string): Piece {
  switch (name) {
    case 'body':
      return ({ rawBody }) => rawBody
    case 'timestamp':
      return (_request, timestamp) => timestamp
    case 'url':
      return ({ url }) => url
    case 'method':
      return ({ method }) => method
    case 'id':
      return headerPiece(ID_HEADERS)
    default: {
      const [, header] = HEADER.exec(name) ?? []
      if (header !== undefined) return headerPiece([header])
      throw new Error(`{${name}} is unknown; use {body}, {timestamp}, {id}, {url}, {method} or {header:NAME}`)
    }
  }
}

function headerPiece(names: readonly string[]): Piece {
  return ({ headers }) => readHeader(headers, names)?.value ?? { missing: names[0] ?? '' }
}
