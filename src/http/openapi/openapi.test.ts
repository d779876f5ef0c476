import { validate } from '@apidevtools/swagger-parser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { AgentConfig } from '../../contract/agent.ts'
import { startManagementServer, type ManagementServer } from '../../../test/harness/managementServer.ts'

const Operation = z.looseObject({
  operationId: z.string(),
  summary: z.string(),
  tags: z.array(z.string()).min(1),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  responses: z.record(
    z.string(),
    z.looseObject({ description: z.string(), content: z.record(z.string(), z.unknown()).optional() }),
  ),
})
type Operation = z.infer<typeof Operation>

let server: ManagementServer
let document: { openapi: string; paths: Record<string, Record<string, Operation>> }
let agentKey: string

beforeAll(async () => {
  server = await startManagementServer()
  const { body } = await server.call('GET', '/api/openapi.json', { key: null })
  document = z
    .looseObject({ openapi: z.string(), paths: z.record(z.string(), z.record(z.string(), Operation)) })
    .parse(body)
  const agent = await server.agents.create(
    AgentConfig.parse({ name: 'x', instructions: '', model: 'demo/assistant' }),
  )
  agentKey = (await server.keys.create({ name: 'x', scope: 'agent', agentId: agent.id })).key
})
afterAll(() => server.stop())

function operations(): [method: string, path: string, operation: Operation][] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, string, Operation] => [
      method.toUpperCase(),
      path,
      operation,
    ]),
  )
}

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    expect(document.openapi).toMatch(/^3\.1\./)
    const { text } = await server.call('GET', '/api/openapi.json', { key: null })
    await expect(validate(JSON.parse(text))).resolves.toBeTruthy()
  })

  it('names every operation once', () => {
    const ids = operations().map(([, , { operationId }]) => operationId)
    expect(ids.length).toBeGreaterThan(15)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('holds every route of the management', () => {
    const names = operations().map(([method, path]) => `${method} ${path}`)
    expect(names).toEqual(
      expect.arrayContaining([
        'POST /api/agents',
        'GET /api/agents',
        'GET /api/agents/{id}',
        'PATCH /api/agents/{id}',
        'DELETE /api/agents/{id}',
        'GET /api/agents/{id}/revisions',
        'GET /api/agents/{id}/revisions/{revision}',
        'POST /api/agents/{id}/revisions/{revision}/restore',
        'GET /api/agents/{id}/revision_runs',
        'POST /api/agents/{id}/webhooks',
        'GET /api/agents/{id}/webhooks',
        'GET /api/agents/{id}/webhooks/{webhook_id}',
        'PATCH /api/agents/{id}/webhooks/{webhook_id}',
        'DELETE /api/agents/{id}/webhooks/{webhook_id}',
        'POST /api/agents/{id}/webhooks/{webhook_id}/rotate',
        'GET /api/agent_webhook',
        'PUT /api/secrets/{name}',
        'GET /api/secrets',
        'DELETE /api/secrets/{name}',
        'POST /api/api_keys',
        'GET /api/api_keys',
        'DELETE /api/api_keys/{id}',
        'GET /api/session',
        'DELETE /api/session',
        'GET /api/model_providers',
        'GET /healthz',
        'GET /readyz',
      ]),
    )
  })

  it('gives every error the form of a problem', () => {
    for (const [method, path, { responses }] of operations()) {
      for (const [status, response] of Object.entries(responses)) {
        if (Number(status) < 400) continue
        expect([method, path, status, response.content]).toEqual([
          method,
          path,
          status,
          { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        ])
      }
    }
  })

  it('holds no schema that nothing refers to, and each that something does', async () => {
    const { text } = await server.call('GET', '/api/openapi.json', { key: null })
    const used = new Set([...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name ?? ''))
    const { components } = z
      .object({ components: z.object({ schemas: z.record(z.string(), z.unknown()) }) })
      .parse(JSON.parse(text))
    expect(Object.keys(components.schemas).toSorted()).toEqual([...used].toSorted())
  })

  it('tells bodies that may be left out from those that may not', () => {
    const required = (method: string, path: string) => document.paths[path]?.[method]?.['requestBody']
    expect(required('post', '/api/agents')).toMatchObject({ required: true })
    expect(required('post', '/api/agents/{id}/webhooks')).toMatchObject({ required: false })
  })

  it('says what can be refused where a key is needed', () => {
    for (const [, , { security, responses }] of operations()) {
      if (security.length > 0)
        expect(Object.keys(responses)).toEqual(expect.arrayContaining(['401', '403', '503']))
    }
  })
})

describe('every operation that names a key', () => {
  // The paths and methods come from the document: a new route is tried without a word here.
  const requests = (key: string | null) =>
    operations()
      .filter(([, , { security }]) => security.length > 0)
      .map(async ([method, path]) => {
        const answer = await server.call(method, path.replaceAll(/\{\w+\}/g, 'x'), { key })
        return { method, path, status: answer.status, body: answer.body }
      })

  it('refuses a request without one', async () => {
    const answers = await Promise.all(requests(null))
    expect(answers.length).toBeGreaterThan(15)
    for (const answer of answers)
      expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
  })

  it('refuses the key of an agent', async () => {
    for (const answer of await Promise.all(requests(agentKey))) {
      expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    }
  })

  it('and only the others are open', () => {
    const open = operations()
      .filter(([, , { security }]) => security.length === 0)
      .map(([method, path]) => `${method} ${path}`)
    expect(open.toSorted()).toEqual([
      'GET /api/oidc/callback',
      'GET /api/oidc/start',
      'GET /api/sign_in',
      'GET /healthz',
      'GET /readyz',
      'POST /api/invitations/accept',
      'POST /api/password_resets/accept',
      'POST /api/session',
      'POST /api/user_links/check',
    ])
  })
})

describe('the documentation page', () => {
  it('is served by us alone', async () => {
    for (const path of ['/api/docs', '/api/docs/']) {
      const page = await server.call('GET', path, { key: null })
      expect(page.status).toBe(200)
      const links = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link ?? '')
      expect(links.length).toBeGreaterThan(3)
      for (const link of links) {
        const { pathname, origin } = new URL(link, `${server.url}${path}`)
        expect(origin).toBe(server.url)
        const asset = await server.call('GET', pathname, { key: null })
        expect([pathname, asset.status]).toEqual([pathname, 200])
        expect(asset.headers.get('x-content-type-options')).toBe('nosniff')
      }
    }
  })

  it('may load from this server only, and may not be framed', async () => {
    const { headers } = await server.call('GET', '/api/docs/', { key: null })
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/https?:|\*|upgrade-insecure-requests/)
  })

  it('shows the same document, and no outside validator', async () => {
    const script = await server.call('GET', '/api/docs/static/swagger-initializer.js', { key: null })
    expect(script.text).toMatch(/"?validatorUrl"?: ?null/)
    const own = await server.call('GET', '/api/docs/json', { key: null })
    expect(own.body).toEqual((await server.call('GET', '/api/openapi.json', { key: null })).body)
  })

  it('has no way out of its folder', async () => {
    for (const path of [
      '/api/docs/static/../../package.json',
      '/api/docs/static/%2e%2e/package.json',
      '/api/docs/static/nope.js',
      '/api/docs/static/..%2fpackage.json',
    ]) {
      const answer = await server.call('GET', path, { key: null })
      expect([404, 403]).toContain(answer.status)
      expect(answer.headers.get('content-type')).toMatch('application/problem+json')
    }
  })
})
