import type { Arrival } from './arrival.ts'
import type { SignedRequest } from './schemes/scheme.ts'

/** The request as schemes check it. The URL is the public one: what `Host` says is the sender's to choose. */
export function signedRequest({ inbound, query, rawBody }: Arrival, publicUrl: string): SignedRequest {
  const search = inbound.search === '' ? '' : `?${inbound.search}`
  return {
    method: inbound.method,
    url: `${publicUrl}${inbound.path}${search}`,
    headers: inbound.headers,
    query,
    rawBody,
    now: new Date(),
  }
}
