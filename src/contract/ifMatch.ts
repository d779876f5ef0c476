import { z } from 'zod'
import { BellwireError } from '../errors.ts'

/** The entity tags that a change was made for (RFC 9110, 13.1.1); undefined when the request names none. */
export type IfMatch = ReadonlySet<string> | 'any' | undefined

/** A list of entity tags. Weak ones are read, and match nothing. */
const LIST = /^\s*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"(?:\s*,\s*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")*\s*$/
const TAG = /(W\/)?("[^"]*")/g

/** The request header of routes that change something that has an ETag. */
export const IfMatchHeaders = z.object({
  'if-match': z.string().optional().meta({
    description:
      'The ETag of what was read. If it has changed since, nothing is changed and the response is 412',
    example: '"3"',
  }),
})

/**
 * Reads the header `If-Match`.
 *
 * @throws BellwireError `precondition_failed` for a value that is no list of entity tags: nothing is overwritten
 */
export function parseIfMatch(header: string | undefined): IfMatch {
  if (header === undefined) return undefined
  if (header.trim() === '*') return 'any'
  if (!LIST.test(header)) {
    throw new BellwireError(
      'precondition_failed',
      'If-Match is not an ETag. Send the value of the ETag header as it was received, with its quotes.',
    )
  }
  const tags = [...header.matchAll(TAG)].filter(([, weak]) => weak === undefined)
  return new Set(tags.map(([, , tag]) => tag ?? ''))
}

/** The entity tag of a revision or version. */
export function etagOf(revision: number | string): string {
  return `"${revision}"`
}

/** Whether what has this entity tag may be changed. */
export function isMatch(ifMatch: IfMatch, etag: string): boolean {
  return ifMatch === undefined || ifMatch === 'any' || ifMatch.has(etag)
}

/**
 * Refuses a change to what has changed since it was read.
 *
 * @param more members of the problem document
 * @throws BellwireError `precondition_failed`
 */
export function requireMatch(ifMatch: IfMatch, etag: string, more: Record<string, unknown> = {}): void {
  if (isMatch(ifMatch, etag)) return
  throw new BellwireError('precondition_failed', undefined, {
    headers: { etag },
    extensions: { etag, ...more },
  })
}
