import type { IncomingHttpHeaders } from 'node:http'
import { BellwireError } from '../errors.ts'
import type { Keys } from './keys.ts'
import type { Principal } from './principal.ts'

export type Authenticate = (request: { headers: IncomingHttpHeaders }) => Promise<Principal>

/** RFC 6750; the scheme's name is not case-sensitive. */
const BEARER = /^bearer +(\S+) *$/i

/** The key in `Authorization: Bearer KEY`; undefined when there is none. */
export function bearerKey(headers: IncomingHttpHeaders): string | undefined {
  return BEARER.exec(headers.authorization ?? '')?.[1]
}

/** What is answered to a request without a valid key. */
export function unauthenticated(): BellwireError {
  return new BellwireError('unauthenticated', undefined, { headers: { 'www-authenticate': 'Bearer' } })
}

/** Makes the function that says who makes a request. It throws BellwireError `unauthenticated`. */
export function createAuthenticate(keys: Pick<Keys, 'verify'>): Authenticate {
  return async ({ headers }) => {
    const key = bearerKey(headers)
    const principal = key === undefined ? undefined : await keys.verify(key)
    if (!principal) throw unauthenticated()
    return principal
  }
}

/** @throws BellwireError `forbidden` unless the principal is an operator */
export function requireAdmin(principal: Principal): void {
  if (principal.scope !== 'admin') {
    throw new BellwireError('forbidden', 'This key may only talk to its agent; this needs an admin key.')
  }
}
