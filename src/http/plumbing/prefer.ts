import { MAX_WAIT_SECONDS } from '../../contract/respond.ts'

/**
 * Reads `Prefer: wait` (RFC 7240): the seconds that the caller wants to wait for the result, undefined if not
 * requested. A bare `wait` waits as long as allowed, and `respond-async` alone is the default behaviour.
 */
export function preferredWait(header: string | string[] | undefined): number | undefined {
  const text = asText(header)
  if (!text) return undefined
  const match = /(?:^|[,;\s])wait(?:\s*=\s*"?(\d{1,9})"?)?\s*(?:$|[,;])/i.exec(text)
  if (!match) return undefined
  return Math.min(match[1] === undefined ? MAX_WAIT_SECONDS : Number(match[1]), MAX_WAIT_SECONDS)
}

/** Reads `Prefer: stream`, a Bellwire preference: the caller will follow the task's events from the start. */
export function prefersStream(header: string | string[] | undefined): boolean {
  const text = asText(header)
  return text !== undefined && /(?:^|[,;\s])stream\s*(?:$|[,;])/i.test(text)
}

function asText(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(',') : header
}
