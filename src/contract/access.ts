import type { Role } from './role.ts'

/**
 * Who may call each route of the OpenAPI document: the least role, or `anyone` for routes that need no key, or that
 * need a secret URL. A route that is missing here is for owners; a test fails until it has a line.
 *
 * Keys of agents may call `POST /api/answer` and `POST /stream`, and nothing else that needs a role.
 */
export const ACCESS: Readonly<Record<string, Role | 'anyone'>> = {
  // Without a key
  'GET /healthz': 'anyone',
  'GET /readyz': 'anyone',
  'GET /api/webhooks/agents/{token}': 'anyone',
  'POST /api/webhooks/agents/{token}': 'anyone',
  'GET /api/callbacks/{token}': 'anyone',
  'POST /api/callbacks/{token}': 'anyone',
  'GET /api/task_status': 'anyone',
  'GET /api/sign_in': 'anyone',
  'GET /api/oidc/start': 'anyone',
  'GET /api/oidc/callback': 'anyone',
  'POST /api/session': 'anyone',
  'POST /api/invitations/accept': 'anyone',
  'POST /api/password_resets/accept': 'anyone',
  'POST /api/user_links/check': 'anyone',

  // One's own sessions and password. Those of others are for owners.
  'GET /api/session': 'viewer',
  'DELETE /api/session': 'viewer',
  'PUT /api/session/password': 'viewer',

  'GET /api/sessions': 'viewer',
  'DELETE /api/sessions/{id}': 'viewer',
  'POST /api/sessions/end_others': 'viewer',

  // Agents and their configuration
  'POST /api/agents': 'editor',
  'GET /api/agents': 'viewer',
  'POST /api/agents/import': 'editor',
  'GET /api/agents/{id}': 'viewer',
  'PATCH /api/agents/{id}': 'editor',
  'DELETE /api/agents/{id}': 'editor',
  'GET /api/agents/{id}/export': 'viewer',
  'GET /api/agents/{id}/revisions': 'viewer',
  'GET /api/agents/{id}/revisions/{revision}': 'viewer',
  'POST /api/agents/{id}/revisions/{revision}/restore': 'editor',
  'GET /api/agents/{id}/revision_runs': 'viewer',
  'POST /api/agents/{id}/tools/refresh': 'editor',
  'POST /api/agents/preview': 'viewer',
  'POST /api/agents/{id}/preview': 'viewer',
  'POST /api/schemas/infer': 'viewer',
  'POST /api/schemas/example': 'viewer',
  'POST /api/agents/{id}/rehearse': 'editor',
  'GET /api/agents/{id}/rehearsals': 'viewer',
  'GET /api/rehearsals/{id}': 'viewer',
  'GET /api/sources': 'viewer',
  'GET /api/model_providers': 'viewer',
  'GET /api/models': 'viewer',
  'GET /api/providers': 'viewer',
  'GET /api/providers/{name}': 'viewer',
  'PUT /api/providers/{name}': 'owner',
  'DELETE /api/providers/{name}': 'owner',
  'POST /api/providers/{name}/test': 'owner',
  'POST /api/tools/try': 'editor',
  'POST /api/tools/preview': 'editor',
  'POST /api/tools/offer': 'editor',

  // Webhooks. GET /api/agent_webhook creates one.
  'GET /api/agent_webhook': 'editor',
  'POST /api/agents/{id}/webhooks': 'editor',
  'GET /api/agents/{id}/webhooks': 'viewer',
  'GET /api/agents/{id}/webhooks/{webhook_id}': 'viewer',
  'PATCH /api/agents/{id}/webhooks/{webhook_id}': 'editor',
  'DELETE /api/agents/{id}/webhooks/{webhook_id}': 'editor',
  'POST /api/agents/{id}/webhooks/{webhook_id}/rotate': 'editor',
  'PUT /api/agents/{id}/webhooks/{webhook_id}/callback': 'editor',
  'GET /api/agents/{id}/webhooks/{webhook_id}/callback': 'viewer',
  'DELETE /api/agents/{id}/webhooks/{webhook_id}/callback': 'editor',
  'POST /api/agents/{id}/webhooks/{webhook_id}/callback/rotate': 'editor',
  'GET /api/agents/{id}/webhooks/{webhook_id}/first_ring': 'viewer',
  'DELETE /api/agents/{id}/webhooks/{webhook_id}/first_ring': 'editor',
  'POST /api/agents/{id}/webhooks/{webhook_id}/first_ring/accept': 'editor',
  'POST /api/webhooks/{id}/filter/try': 'editor',
  'POST /api/webhooks/{id}/held/release': 'editor',
  'POST /api/webhooks/{id}/held/discard': 'editor',

  // Schedules and secrets
  'POST /api/agents/{id}/schedules': 'editor',
  'GET /api/schedules': 'viewer',
  'GET /api/agents/{id}/schedules': 'viewer',
  'GET /api/agents/{id}/schedules/{schedule_id}': 'viewer',
  'PATCH /api/agents/{id}/schedules/{schedule_id}': 'editor',
  'DELETE /api/agents/{id}/schedules/{schedule_id}': 'editor',
  'POST /api/agents/{id}/schedules/{schedule_id}/trigger': 'editor',
  'GET /api/secrets': 'viewer',
  'PUT /api/secrets/{name}': 'editor',
  'DELETE /api/secrets/{name}': 'editor',

  // Tasks
  'POST /api/answer': 'editor',
  'POST /stream': 'editor',
  'GET /api/tasks': 'viewer',
  'GET /api/tasks/counts': 'viewer',
  'GET /api/tasks/export': 'viewer',
  'POST /api/tasks/replay': 'editor',
  'POST /api/tasks/delete': 'editor',
  'GET /api/tasks/{id}': 'viewer',
  'DELETE /api/tasks/{id}': 'editor',
  'GET /api/tasks/{id}/compare/{other}': 'viewer',
  'GET /api/tasks/{id}/payload': 'viewer',
  'GET /api/tasks/{id}/steps/{key}': 'viewer',
  // Keys with slashes that are not encoded.
  'GET /api/tasks/{id}/steps/*': 'viewer',
  'GET /api/tasks/{id}/events': 'viewer',
  'GET /api/tasks/{id}/cancel': 'editor',
  'POST /api/tasks/{id}/cancel': 'editor',
  'POST /api/tasks/{id}/replay': 'editor',
  'GET /api/events': 'viewer',
  'GET /api/rejections': 'viewer',
  'GET /api/rejections/{id}': 'viewer',
  'POST /api/rejections/{id}/accept': 'editor',
  'GET /api/deliveries': 'viewer',
  'GET /api/deliveries/{id}': 'viewer',
  'POST /api/deliveries/resend': 'editor',
  'POST /api/deliveries/{id}/resend': 'editor',

  // Approvals
  'GET /api/approvals': 'viewer',
  'GET /api/approvals/{id}': 'viewer',
  'GET /api/approvals/{id}/approve': 'approver',
  'POST /api/approvals/{id}/approve': 'approver',
  'GET /api/approvals/{id}/deny': 'approver',
  'POST /api/approvals/{id}/deny': 'approver',

  // Figures and settings
  'GET /metrics': 'viewer',
  'GET /api/overview': 'viewer',
  'GET /api/usage': 'viewer',
  'GET /api/retention': 'viewer',
  'GET /api/budget': 'viewer',
  'PUT /api/budget': 'owner',
  'GET /api/prices': 'viewer',
  'PUT /api/prices/{model}': 'owner',
  'DELETE /api/prices/{model}': 'owner',
  'GET /api/notices': 'viewer',
  'PUT /api/notices': 'owner',
  'GET /api/notices/sent': 'viewer',
  'POST /api/notices/test': 'owner',

  // People and keys
  'POST /api/api_keys': 'owner',
  'GET /api/api_keys': 'viewer',
  'DELETE /api/api_keys/{id}': 'owner',
  'GET /api/audit': 'viewer',
  'POST /api/users': 'owner',
  'GET /api/users': 'viewer',
  'GET /api/users/{id}': 'viewer',
  'PATCH /api/users/{id}': 'owner',
  'DELETE /api/users/{id}': 'owner',
  'POST /api/users/{id}/password_reset': 'owner',
  'POST /api/invitations': 'owner',
  'GET /api/invitations': 'viewer',
  'DELETE /api/invitations/{id}': 'owner',
}

const leastRoles = new Map<string, Role | 'anyone'>()

/**
 * The access that a route needs; `owner` for one that is not in the table.
 *
 * @param url as the server's router writes it, with `:id` in place of `{id}`
 */
export function accessTo(method: string, url: string): Role | 'anyone' {
  const route = `${method === 'HEAD' ? 'GET' : method} ${url}`
  let access = leastRoles.get(route)
  if (access === undefined) {
    access = ACCESS[route.replaceAll(/:(\w+)/g, '{$1}')] ?? 'owner'
    leastRoles.set(route, access)
  }
  return access
}
