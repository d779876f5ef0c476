import type { IncomingHttpHeaders } from 'node:http'
import type { InboundRequest } from '../contract/task.ts'
import type { Query } from './payload/parseQuery.ts'

/** Headers that hold secrets by their name: never stored, so never in a prompt, a log or an answer. */
const SECRET = /authorization|cookie|token|secret|signature|hmac|password|api-?key/

/** What is kept of a request beside its payload: templates may use it, and people may look at it. */
export function inboundRequest(method: string, headers: IncomingHttpHeaders, query: Query): InboundRequest {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !SECRET.test(name))
      kept[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return { method, headers: kept, query }
}
