import { ACCESS } from '../../../contract/access.ts'

/** Routes that change something, and are not in the audit log: what senders and callers do, and what changes nothing. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'POST /api/answer',
  'POST /stream',
  'DELETE /api/session',
  'POST /api/tools/preview',
  'POST /api/tools/offer',
  'POST /api/providers/{name}/test',
  'POST /api/webhooks/{id}/filter/try',
])

/** What viewers may do changes nothing, except to their own access. */
const OWN_ACCESS: ReadonlySet<string> = new Set([
  'PUT /api/session/password',
  'DELETE /api/sessions/{id}',
  'POST /api/sessions/end_others',
])

const CHANGES: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

/** Collections and what each of their members is. */
const KINDS: Readonly<Record<string, string>> = {
  agents: 'agent',
  webhooks: 'webhook',
  callback: 'callback',
  schedules: 'schedule',
  tools: 'tool',
  secrets: 'secret',
  tasks: 'task',
  rejections: 'rejection',
  deliveries: 'delivery',
  approvals: 'approval',
  api_keys: 'api_key',
  users: 'user',
  invitations: 'invitation',
  sessions: 'session',
  session: 'session',
  prices: 'price',
  providers: 'provider',
  budget: 'budget',
  notices: 'notices',
}

/** Kinds that are part of another object, and have its id. */
const PARTS: ReadonlySet<string> = new Set(['callback'])

/** A route whose calls are in the audit log. */
export type AuditedRoute = {
  kind: string
  /** The parameter with the id of the object; undefined when the response has it, or nothing has. */
  idParam: string | undefined
}

/**
 * What the calls of a route are recorded as; undefined when they are not.
 *
 * @param url as the server's router writes it, with `:id` in place of `{id}`
 */
export function auditedRoute(method: string, url: string): AuditedRoute | undefined {
  const path = url.replaceAll(/:(\w+)/g, '{$1}')
  const route = `${method} ${path}`
  const access = ACCESS[route]
  if (!CHANGES.has(method) || LEFT_OUT.has(route) || access === 'anyone') return undefined
  if (access === 'viewer' && !OWN_ACCESS.has(route)) return undefined
  const segments = path.split('/').slice(1)
  const place = segments.findLastIndex((segment) => segment in KINDS)
  const name = segments[place] ?? segments[1] ?? ''
  const param = /^\{(\w+)\}$/.exec((PARTS.has(name) ? segments[place - 1] : segments[place + 1]) ?? '')?.[1]
  return { kind: KINDS[name] ?? name, idParam: param }
}
