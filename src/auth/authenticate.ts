import type { IncomingHttpHeaders } from 'node:http'
import { bearerKey } from '../contract/bearer.ts'
import { requireRole, type Role } from '../contract/role.ts'
import { BellwireError } from '../errors.ts'
import type { Keys } from './keys.ts'
import { LINK_NAME, type Operator, type Principal } from './principal.ts'
import { elsewhere, isSameOrigin } from './sameOrigin.ts'
import type { SessionCookie } from './sessionCookie.ts'
import type { Sessions } from './sessions.ts'

/** A request, as far as it says who makes it. Behind a trusted proxy, `host` and `ip` are those that it forwards. */
export type AuthRequest = { method: string; headers: IncomingHttpHeaders; host: string; ip: string }

export type Authenticate = (request: AuthRequest) => Promise<Principal>

/** Methods that change nothing (RFC 9110): another site can make a browser send them, but cannot read the response. */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/** The response to a request without a valid key. */
export function unauthenticated(): BellwireError {
  return new BellwireError('unauthenticated', undefined, { headers: { 'www-authenticate': 'Bearer' } })
}

/** What is needed to recognise console sessions. */
export type SessionAccess = { sessions: Pick<Sessions, 'find'>; cookie: SessionCookie; publicUrl: string }

/**
 * Creates the function that identifies who makes a request: by the key in its `Authorization` header, or else by the
 * session in its cookie. A browser sends the cookie whichever site caused the request, so a request that changes
 * something must come from a page of this server.
 *
 * The function throws BellwireError `unauthenticated` and `cross_origin`.
 */
export function createAuthenticate(keys: Pick<Keys, 'verify'>, access?: SessionAccess): Authenticate {
  async function bySession({ method, headers, host }: AuthRequest): Promise<Principal | undefined> {
    const token = access?.cookie.read(headers.cookie)
    const session = token === undefined ? undefined : await access?.sessions.find(token)
    if (!session || !access) return undefined
    if (!SAFE_METHODS.has(method) && isSameOrigin({ headers, host }, access.publicUrl) !== true) {
      throw new BellwireError('cross_origin', elsewhere(access.publicUrl))
    }
    const { role, name, keyId, userId } = session
    return {
      scope: 'admin',
      role,
      name: name ?? LINK_NAME,
      keyId: keyId ?? undefined,
      ...(userId === null ? {} : { userId }),
    }
  }

  return async (request) => {
    const key = bearerKey(request.headers)
    const principal = key === undefined ? await bySession(request) : await keys.verify(key)
    if (!principal) throw unauthenticated()
    return principal
  }
}

/** @throws BellwireError `forbidden` for the key of an agent, `role_insufficient` for a lesser role than `least` */
export function requireOperator(principal: Principal, least: Role): Operator {
  if (principal.scope !== 'admin') {
    throw new BellwireError('forbidden', 'This key can only ask its agent; an admin key is required here.')
  }
  requireRole(principal.role, least)
  return principal
}
