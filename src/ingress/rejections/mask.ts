import type { IncomingHttpHeaders } from 'node:http'
import { isKeptHeader } from '../inboundRequest.ts'
import type { Query } from '../payload/parseQuery.ts'
import { SOURCE_NAMES, SOURCES } from '../sources/index.ts'

/** What stands in place of a value that may be secret. */
export const MASK = '***'

/** More headers, and longer values, are not kept: the limits of HTTP servers are far above what helps a reader. */
const MAX_HEADERS = 100
const MAX_VALUE = 1_000

/** Headers of HTTP, of browsers and of proxies that say nothing secret. */
const HARMLESS = new Set(
  `
  accept-charset accept-encoding access-control-request-headers access-control-request-method age cache-control
  cdn-loop connection content-language dnt expect keep-alive max-forwards origin pragma prefer priority te trailer
  transfer-encoding upgrade upgrade-insecure-requests via x-forwarded-port x-forwarded-server x-requested-with
  `
    .trim()
    .split(/\s+/),
)

/** What browsers say of themselves. */
const OF_BROWSERS = /^sec-(?:fetch|ch|gpc)\b/

/** What senders say of their events, whichever source the webhook has. */
const OF_SENDERS = new Set(
  SOURCE_NAMES.flatMap((name) => SOURCES[name].keptHeaders.map((header) => header.toLowerCase())),
)

function isReadable(name: string): boolean {
  return isKeptHeader(name) || HARMLESS.has(name) || OF_SENDERS.has(name) || OF_BROWSERS.test(name)
}

/**
 * Headers of a rejected request: all their names, and the values of those that hold no secrets and no signatures.
 *
 * @param kept names of more of these, in lower case
 */
export function maskHeaders(
  headers: IncomingHttpHeaders,
  kept: readonly string[] = [],
): Record<string, string> {
  const masked: Record<string, string> = {}
  let count = 0
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue
    if ((count += 1) > MAX_HEADERS) break
    const text = Array.isArray(value) ? value.join(', ') : value
    masked[name] = isReadable(name) || kept.includes(name) ? text.slice(0, MAX_VALUE) : MASK
  }
  return masked
}

/** Parameters that carry a secret or a signature, by the parts of their names. */
const SECRET_PARAMETER =
  /(?:^|[^a-z0-9])(?:api|access|auth|authorization|code|credential|credentials|hash|hmac|jwt|key|pass|passwd|password|pwd|secret|session|sig|sign|signature|token)(?:$|[^a-z0-9])|(?:key|secret|signature|token|password)$/i

/** A query whose secret values nobody can read. */
export function maskQuery(query: Query): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name, SECRET_PARAMETER.test(name) ? MASK : value]),
  )
}
