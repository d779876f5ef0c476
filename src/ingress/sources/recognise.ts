import type { IncomingHttpHeaders } from 'node:http'

/** Whether a request has any of some headers. */
export function hasHeader(headers: IncomingHttpHeaders, ...names: string[]): boolean {
  return names.some((name) => headers[name] !== undefined)
}
