import type { IncomingHttpHeaders } from 'node:http'

/** Says where the console is, to a page at another address. */
export function elsewhere(publicUrl: string): string {
  return (
    `The request came from a page at another address. Open the console at ${publicUrl}, ` +
    'or set BELLWIRE_PUBLIC_URL to the address that you use.'
  )
}

/**
 * Whether a page of this server made the request. Browsers say so in `Sec-Fetch-Site`, on connections considered
 * secure, and in `Origin`; a page cannot set either. `undefined` when neither is present: not a browser, or an old one.
 *
 * @param host of the request, as a trusted proxy forwards it
 * @param publicUrl the URL of the console; behind a proxy `host` may be a different name
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
