import { validate } from '@apidevtools/swagger-parser'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { startTestApp, type TestApp } from './harness/api.ts'

const Document = z.looseObject({
  openapi: z.string(),
  components: z.looseObject({ securitySchemes: z.record(z.string(), z.unknown()) }),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.looseObject({
        operationId: z.string(),
        security: z.array(z.record(z.string(), z.unknown())),
        responses: z.record(
          z.string(),
          z.looseObject({ content: z.record(z.string(), z.unknown()).optional() }),
        ),
      }),
    ),
  ),
})

/** All operations of the contract, with who may call them: no key needed, an admin key, or decided by the route. */
const CONTRACT: [operation: string, who: 'open' | 'admin' | 'other'][] = [
  ['POST /api/webhooks/agents/{token}', 'open'],
  ['GET /api/webhooks/agents/{token}', 'open'],
  ['GET /api/task_status', 'open'],
  ['GET /api/agent_webhook', 'admin'],
  ['POST /api/answer', 'other'],
  ['POST /stream', 'other'],
  ['POST /api/agents', 'admin'],
  ['GET /api/agents', 'admin'],
  ['GET /api/agents/{id}', 'admin'],
  ['PATCH /api/agents/{id}', 'admin'],
  ['DELETE /api/agents/{id}', 'admin'],
  ['GET /api/agents/{id}/revisions', 'admin'],
  ['GET /api/agents/{id}/revisions/{revision}', 'admin'],
  ['POST /api/agents/{id}/revisions/{revision}/restore', 'admin'],
  ['GET /api/agents/{id}/revision_runs', 'admin'],
  ['POST /api/agents/{id}/webhooks', 'admin'],
  ['GET /api/agents/{id}/webhooks', 'admin'],
  ['GET /api/sources', 'admin'],
  ['GET /api/agents/{id}/webhooks/{webhook_id}', 'admin'],
  ['PATCH /api/agents/{id}/webhooks/{webhook_id}', 'admin'],
  ['DELETE /api/agents/{id}/webhooks/{webhook_id}', 'admin'],
  ['POST /api/agents/{id}/webhooks/{webhook_id}/rotate', 'admin'],
  ['PUT /api/secrets/{name}', 'admin'],
  ['GET /api/secrets', 'admin'],
  ['DELETE /api/secrets/{name}', 'admin'],
  ['POST /api/api_keys', 'admin'],
  ['GET /api/api_keys', 'admin'],
  ['DELETE /api/api_keys/{id}', 'admin'],
  ['GET /api/tasks', 'admin'],
  ['GET /api/tasks/{id}', 'admin'],
  ['GET /api/tasks/{id}/payload', 'admin'],
  ['GET /api/tasks/{id}/steps/{key}', 'admin'],
  ['GET /api/tasks/{id}/events', 'other'],
  ['POST /api/tasks/{id}/cancel', 'other'],
  ['GET /api/approvals', 'admin'],
  ['GET /api/approvals/{id}', 'admin'],
  ['POST /api/approvals/{id}/approve', 'other'],
  ['POST /api/approvals/{id}/deny', 'other'],
  ['GET /api/approvals/{id}/approve', 'other'],
  ['GET /api/approvals/{id}/deny', 'other'],
  ['POST /api/callbacks/{token}', 'open'],
  ['GET /api/callbacks/{token}', 'open'],
  ['GET /healthz', 'open'],
  ['GET /readyz', 'open'],
]

let app: TestApp
let document: z.infer<typeof Document>

beforeAll(async () => {
  app = await startTestApp({}, { worker: false })
  document = Document.parse((await app.call('GET', '/api/openapi.json')).body)
})
afterAll(() => app.stop())

function operations() {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      ...operation,
    })),
  )
}

/** Calls an operation of the document, with words in place of ids. */
async function ask(name: string, key?: string): Promise<Response> {
  const [method = '', path = ''] = name.split(' ')
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` }
  return fetch(app.url + path.replaceAll(/\{\w+\}/g, 'x'), { method, headers })
}

it('the document of the whole program is valid and covers the contract', async () => {
  await expect(validate((await app.call('GET', '/api/openapi.json')).body)).resolves.toBeTruthy()
  const all = operations()
  expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(CONTRACT.map(([name]) => name)))
  const ids = all.map(({ operationId }) => operationId)
  expect(new Set(ids).size).toBe(ids.length)
})

it('names only security schemes that it defines', () => {
  const known = Object.keys(document.components.securitySchemes)
  const used = operations().flatMap(({ security }) => security.flatMap((one) => Object.keys(one)))
  expect(known).toEqual(expect.arrayContaining(used))
})

it('every error in it is a problem document', () => {
  for (const { name, responses } of operations()) {
    for (const [status, { content }] of Object.entries(responses)) {
      if (Number(status) >= 400)
        expect([name, Object.keys(content ?? {})]).toEqual([name, ['application/problem+json']])
    }
  }
})

it('routes that it shows as closed need an admin key, and all admin routes of the contract are among them', async () => {
  const { id } = await app.createAgent()
  const made = await app.call('POST', '/api/api_keys', { name: 'agent key', scope: 'agent', agent_id: id })
  expect(made.status).toBe(201)
  const closed = operations().filter(
    ({ security }) => security.length > 0 && security.every((one) => 'apiKey' in one || 'session' in one),
  )
  expect(closed.length).toBeGreaterThan(15)
  for (const { name } of closed) {
    const [without, agent] = [await ask(name), await ask(name, made.body.key)]
    expect([name, without.status, agent.status]).toEqual([name, 401, 403])
  }
  const admin = CONTRACT.filter(([, who]) => who === 'admin').map(([name]) => name)
  expect(closed.map(({ name }) => name)).toEqual(expect.arrayContaining(admin))
})
