import { toStorable } from '../../contract/storable.ts'
import { newId } from '../../db/id.ts'
import type { RejectionEntry } from './rejectionEntry.ts'
import { maskHeaders, maskQuery } from './mask.ts'

/** A rejection as it is written. */
export type RejectionRow = Omit<
  RejectionEntry,
  'headers' | 'keptHeaders' | 'query' | 'body' | 'receivedAt'
> & {
  id: string
  /** JSON texts. */
  headers: string
  query: string
  body: Buffer
  bodyComplete: boolean
  /** Bytes that the row takes, about. */
  stored: number
  receivedAt: number
}

/** The largest body that is kept whole, so that the request can be accepted later. */
const MAX_WHOLE_BODY = 256 * 1024

/** What is kept of a larger one. */
export const BODY_START = 4 * 1024

/** Characters of a text for people. */
const MAX_TEXT = 2_000

/** What a row takes beside its texts and its body. */
const ROW_BYTES = 300

/**
 * Makes the row of a rejection. The body is copied: the request's own goes back to the memory of the server.
 *
 * @param roomForBody bytes of a body that may be kept now
 */
export function toRow(entry: RejectionEntry, roomForBody: number): RejectionRow {
  const { headers, keptHeaders, query, body = EMPTY, receivedAt, ...more } = entry
  const isWhole = body.length === entry.size && body.length <= Math.min(MAX_WHOLE_BODY, roomForBody)
  const kept = Buffer.from(isWhole ? body : body.subarray(0, BODY_START))
  const texts = {
    headers: JSON.stringify(toStorable(maskHeaders(headers, keptHeaders))),
    query: JSON.stringify(toStorable(maskQuery(query))),
  }
  return {
    ...more,
    ...texts,
    id: newId(),
    expected: shorten(entry.expected),
    received: shorten(entry.received),
    detail: shorten(entry.detail),
    contentType: shorten(entry.contentType),
    body: kept,
    bodyComplete: isWhole,
    stored: ROW_BYTES + kept.length + texts.headers.length + texts.query.length,
    receivedAt: receivedAt.getTime(),
  }
}

const EMPTY = Buffer.alloc(0)

function shorten(text: string | undefined): string | undefined {
  return text === undefined ? undefined : toStorable(text.slice(0, MAX_TEXT))
}
