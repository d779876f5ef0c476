import type { Tool } from '../contract/agent.ts'
import { jsonPointer } from '../contract/fieldErrors.ts'
import { SENDERS_OWN_HEADERS } from '../contract/toolParts.ts'
import type { FieldError } from '../errors.ts'

/** RFC 9110, 5.6.2. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** Finds parts of a tool that cannot appear in any HTTP request. */
export function checkRequest(tool: Tool): FieldError[] {
  const errors: FieldError[] = []
  if (tool.type === 'http' && tool.method === 'GET' && tool.body !== undefined) {
    errors.push({
      pointer: '/body',
      detail: 'a GET request has no body: leave it out, or use another method',
    })
  }
  const headers = tool.type === 'http' || tool.type === 'mcp' ? tool.headers : undefined
  for (const name of Object.keys(headers ?? {})) {
    const detail = headerFault(name)
    if (detail !== undefined) errors.push({ pointer: jsonPointer(['headers', name]), detail })
  }
  return errors
}

function headerFault(name: string): string | undefined {
  if (!HEADER_NAME.test(name)) return 'is not a valid header name: use letters, digits and -'
  if (SENDERS_OWN_HEADERS.has(name.toLowerCase())) return 'is set by Bellwire: leave it out'
  return undefined
}
