import type { IncomingHttpHeaders } from 'node:http'

/**
 * Whether a page of our own made this request. Browsers say so in `Sec-Fetch-Site`, where the connection counts
 * as secure, and in `Origin`; a page cannot set either. `undefined` when neither is there: not a browser, or an
 * old one.
 *
 * @param publicUrl where the console stands; behind a proxy `Host` may hold another name
 */
export function isSameOrigin(headers: IncomingHttpHeaders, publicUrl: string): boolean | undefined {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  const { origin, host } = headers
  if (origin === undefined) return undefined
  return URL.canParse(origin) && (origin === new URL(publicUrl).origin || new URL(origin).host === host)
}
