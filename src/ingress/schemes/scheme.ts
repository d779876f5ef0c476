import type { IncomingHttpHeaders } from 'node:http'
import type { Query } from '../payload/parseQuery.ts'

/** A request as its sender signed it. */
export type SignedRequest = {
  method: string
  /** The public URL that the sender was given, with the query of this request. */
  url: string
  headers: IncomingHttpHeaders
  query: Query
  rawBody: Buffer
  now: Date
}

/** Fetches documents that a check needs: certificates and key sets. It must refuse private addresses. */
export type Outbound = {
  fetch: (
    url: string,
    init?: { method?: string; headers?: Record<string, string>; signal?: AbortSignal },
  ) => Promise<Response>
}

export type FailureReason =
  /** A header or field that carries the signature, or what was signed with it, is not there. */
  | 'signature_missing'
  | 'signature_invalid'
  | 'timestamp_expired'
  /** The signature is valid, and belongs to somebody else: another topic, account or audience. */
  | 'sender_unknown'
  /** The webhook has no secret, or none of the kind that this request needs. */
  | 'secret_missing'
  /** The sender's certificate or keys cannot be fetched now: the sender should try again. */
  | 'keys_unavailable'

/** Why a request was not verified. Neither text holds a secret, nor a signature. */
export type Failure = { ok: false; reason: FailureReason; expected: string; received: string }

/** `verified` is false when nothing was checked, because the source can do without a secret and has none. */
export type Verification = { ok: true; verified: boolean } | Failure

/**
 * One way to verify who sent a request. It gives a Promise only where it has to fetch something or the body is long, and
 * neither throws nor rejects for anything that a sender can send.
 */
export type Scheme = {
  kind: 'hmac' | 'public key' | 'shared secret' | 'certificate' | 'JWT'
  /** What is checked, as one sentence of Markdown without its full stop. */
  summary: string
  verify(
    request: SignedRequest,
    secrets: readonly string[],
    outbound: Outbound,
  ): Verification | Promise<Verification>
}

export const VERIFIED: Verification = { ok: true, verified: true }

export function failure(reason: FailureReason, expected: string, received: string): Failure {
  return { ok: false, reason, expected, received }
}

/** The first of several headers that has a value; a header that came more than once is joined. */
export function readHeader(
  headers: IncomingHttpHeaders,
  names: readonly string[],
): { name: string; value: string } | undefined {
  for (const name of names) {
    const value = headers[name.toLowerCase()]
    const text = Array.isArray(value) ? value.join(', ') : value
    if (text !== undefined && text !== '') return { name, value: text }
  }
  return undefined
}
