import { expect, it } from 'vitest'
import { auditedRoute } from './auditedRoutes.ts'

it.each([
  ['POST', '/api/agents', { kind: 'agent', idParam: undefined }],
  ['PATCH', '/api/agents/:id', { kind: 'agent', idParam: 'id' }],
  ['POST', '/api/agents/import', { kind: 'agent', idParam: undefined }],
  ['POST', '/api/agents/:id/webhooks', { kind: 'webhook', idParam: undefined }],
  ['POST', '/api/agents/:id/webhooks/:webhook_id/rotate', { kind: 'webhook', idParam: 'webhook_id' }],
  ['PUT', '/api/agents/:id/webhooks/:webhook_id/callback', { kind: 'callback', idParam: 'webhook_id' }],
  ['POST', '/api/webhooks/:id/held/discard', { kind: 'webhook', idParam: 'id' }],
  ['PUT', '/api/secrets/:name', { kind: 'secret', idParam: 'name' }],
  ['PUT', '/api/budget', { kind: 'budget', idParam: undefined }],
  ['POST', '/api/users/:id/password_reset', { kind: 'user', idParam: 'id' }],
  ['PUT', '/api/session/password', { kind: 'session', idParam: undefined }],
  ['POST', '/api/something/new', { kind: 'something', idParam: undefined }],
])('%s %s is recorded as %o', (method, url, expected) => {
  expect(auditedRoute(method, url)).toEqual(expected)
})

it.each([
  ['GET', '/api/agents'],
  ['POST', '/api/answer'],
  ['POST', '/api/webhooks/agents/:token'],
  ['POST', '/api/session'],
  ['POST', '/api/webhooks/:id/filter/try'],
])('%s %s is not', (method, url) => {
  expect(auditedRoute(method, url)).toBeUndefined()
})
