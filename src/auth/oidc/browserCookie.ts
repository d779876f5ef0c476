import { readCookie } from '../readCookie.ts'

/** A cookie that recognises the browser that began something, when another site sends it back. */
export type BrowserCookie = {
  give(token: string): string
  take(): string
  read(header: string | undefined): string | undefined
}

/**
 * Unlike the cookie of a session, it is sent along when another site links here (`SameSite=Lax`), and only to one path.
 *
 * @param publicUrl of the console; the port is part of the name, as cookies are shared between ports
 */
export function createBrowserCookie(
  publicUrl: string,
  { path, seconds }: { path: string; seconds: number },
): BrowserCookie {
  const { protocol, port, pathname } = new URL(publicUrl)
  const name = `bellwire_oidc${port === '' ? '' : `_${port}`}`
  const place = `${pathname.replace(/\/$/, '')}${path}`
  const attributes = `Path=${place}; HttpOnly; SameSite=Lax${protocol === 'https:' ? '; Secure' : ''}`
  return {
    give: (token) => `${name}=${token}; ${attributes}; Max-Age=${seconds}`,
    take: () => `${name}=; ${attributes}; Max-Age=0`,
    read: (header) => readCookie(header, name),
  }
}
