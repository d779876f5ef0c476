import { SESSION_LIFETIME_SECONDS } from './sessions.ts'

/** How the session travels: what the cookie is called, how it is set and read. */
export type SessionCookie = {
  name: string
  /** The value of the `Set-Cookie` header that hands a session out. */
  give(token: string): string
  /** The value of the `Set-Cookie` header that takes it away. */
  take(): string
  /** The session's token in a `Cookie` header. */
  read(header: string | undefined): string | undefined
}

/**
 * The cookie of the console at this public URL. Cookies do not tell ports apart, so the name does: two
 * installations on one host do not sign each other out. Over https the `__Host-` prefix keeps it to the one
 * host.
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
    read(header) {
      for (const part of (header ?? '').split(';')) {
        const [key = '', value = ''] = part.split('=', 2)
        if (key.trim() === name && value.trim() !== '') return value.trim()
      }
      return undefined
    },
  }
}
