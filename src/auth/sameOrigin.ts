import type { IncomingHttpHeaders } from 'node:http'

/**
 * Whether a page of our own made this request. Browsers say so in `Sec-Fetch-Site`, where the connection counts
 * as secure, and in `Origin`; a page cannot set either. `undefined` when neither is there: not a browser, or an
 * old one.
 *
 * @param host of the request, as a trusted proxy forwards it
 * @param publicUrl where the console stands; behind a proxy `host` may be another name
 */
export function isSameOrigin(
  { headers, host }: { headers: IncomingHttpHeaders; host: string },
  publicUrl: string,
): boolean | undefined {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  const { origin } = headers
  if (origin === undefined) return undefined
  return URL.canParse(origin) && (origin === new URL(publicUrl).origin || new URL(origin).host === host)
}
