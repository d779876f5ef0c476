import type { IncomingHttpHeaders } from 'node:http'
import { inboundRequest } from '../inboundRequest.ts'

/** Headers that people may see: all names, and the values of those that are known to hold no secret. */
export function maskHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept = inboundRequest({ inbound: { method: 'POST' }, headers, query: {}, event: undefined }).headers
  const masked = Object.keys(headers).map((name): [string, string] => [name, kept[name] ?? '***'])
  return Object.fromEntries(masked)
}
