import type { IncomingHttpHeaders } from 'node:http'
import { isSameOrigin } from './sameOrigin.ts'
import type { SessionAccess } from './authenticate.ts'

/** Whether a page of this server sent a request for somebody who is signed in to the console. */
export type IsSignedIn = (headers: IncomingHttpHeaders) => boolean | Promise<boolean>

export function createIsSignedIn({ sessions, cookie, publicUrl }: SessionAccess): IsSignedIn {
  return (headers) => {
    const token = headers.cookie === undefined ? undefined : cookie.read(headers.cookie)
    if (token === undefined || isSameOrigin(headers, publicUrl) !== true) return false
    return sessions.find(token).then((session) => session !== undefined)
  }
}
