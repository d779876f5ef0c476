import { readCookie } from './readCookie.ts'
import { SESSION_LIFETIME_SECONDS } from './sessions.ts'

/** The session cookie: its name, how it is set and read. */
export type SessionCookie = {
  name: string
  /** The value of the `Set-Cookie` header that sets the session. */
  give(token: string): string
  /** The value of the `Set-Cookie` header that deletes it. */
  take(): string
  /** The session's token in a `Cookie` header. */
  read(header: string | undefined): string | undefined
}

/**
 * The cookie of the console at this public URL. Cookies are shared between ports, so the port is part of the name: two
 * installations on one host do not sign each other out. Over https the `__Host-` prefix limits it to the one host.
 */
export function createSessionCookie(publicUrl: string): SessionCookie {
  const { protocol, port } = new URL(publicUrl)
  const secure = protocol === 'https:'
  const name = `${secure ? '__Host-' : ''}bellwire_session${port === '' ? '' : `_${port}`}`
  const attributes = `Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`

  return {
    name,
    give: (token) => `${name}=${token}; ${attributes}; Max-Age=${SESSION_LIFETIME_SECONDS}`,
    take: () => `${name}=; ${attributes}; Max-Age=0`,
    read: (header) => readCookie(header, name),
  }
}
