import { hasRole } from '../contract/roleOrder.ts'
import { isSameOrigin } from './sameOrigin.ts'
import type { AuthRequest, SessionAccess } from './authenticate.ts'

/** Whether a page of this server sent a request for somebody who is signed in to the console, and may start tasks. */
export type IsSignedIn = (request: Pick<AuthRequest, 'headers' | 'host'>) => boolean | Promise<boolean>

export function createIsSignedIn({ sessions, cookie, publicUrl }: SessionAccess): IsSignedIn {
  return (request) => {
    const { headers } = request
    const token = headers.cookie === undefined ? undefined : cookie.read(headers.cookie)
    if (token === undefined || isSameOrigin(request, publicUrl) !== true) return false
    return sessions.find(token).then((session) => session !== undefined && hasRole(session.role, 'editor'))
  }
}
