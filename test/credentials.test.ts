import { afterAll, beforeAll, expect, it } from 'vitest'
import { ACCESS } from '../src/contract/access.ts'
import { startTestApp, type TestApp } from './harness/api.ts'

/** Credentials that are hard-coded in the tools of an agent, each in its own form. */
const WRITTEN = {
  header: 'h3ader-cr3dential',
  query: 'qu3ry-cr3dential',
  body: 'b0dy-cr3dential',
  auth: 'auth-cr3dential',
  later: 'lat3r-cr3dential',
  draft: 'draft-cr3dential',
}

const DOCUMENT = {
  openapi: '3.0.3',
  info: { title: 'Shop', version: '1' },
  servers: [{ url: 'https://shop.example' }],
  components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  paths: { '/pets': { get: { operationId: 'pets', security: [{ token: [] }], responses: {} } } },
}

let app: TestApp
let agentId: string
const keys = new Map<string, string>()

const as = (role: string) => ({ authorization: `Bearer ${keys.get(role)}` })

const toolsWith = (header: string) => [
  {
    type: 'http',
    name: 'search',
    description: 'Searches.',
    method: 'POST',
    access: 'read',
    url: `https://api.example/search?api_key=${WRITTEN.query}&page=1`,
    headers: { Authorization: `Bearer ${header}`, 'X-Plain': 'kept' },
    body: `{"q": {{ q | json }}, "token": "${WRITTEN.body}"}`,
    parameters: { type: 'object', properties: { q: { type: 'string' } }, additionalProperties: false },
  },
  { type: 'openapi', name: 'shop', document: DOCUMENT, operations: ['pets'], auth: { token: WRITTEN.auth } },
]

beforeAll(async () => {
  app = await startTestApp({}, { worker: false })
  for (const role of ['viewer', 'approver', 'editor', 'owner']) {
    keys.set(role, (await app.call('POST', '/api/api_keys', { name: role, scope: 'admin', role })).body.key)
  }
  const agent = await app.createAgent({ name: 'Searcher', tools: toolsWith(WRITTEN.header) })
  agentId = agent.id
  const changed = await app.call('PATCH', `/api/agents/${agentId}`, { tools: toolsWith(WRITTEN.later) })
  expect([changed.status, changed.body.revision]).toEqual([200, 2])
  const { body: task } = await app.call('POST', agent.url, { question: 'Anything?' })
  await app.call('POST', `/api/tasks/${task.task_id}/cancel`)
  const tools = toolsWith(WRITTEN.draft)
  const replay = await app.call('POST', `/api/tasks/${task.task_id}/replay`, {
    revision: { draft: { tools } },
  })
  expect(replay.status).toBe(200)
  const rehearsed = await app.call('POST', `/api/agents/${agentId}/rehearse`, {
    payload: {},
    draft: { tools },
  })
  expect(rehearsed.status).toBe(201)
})
afterAll(() => app?.stop())

/** The routes whose answers have a credential, of all that can be read with GET. */
async function routesWith(role: string): Promise<string[]> {
  const found = new Set<string>()
  const { body: tasks } = await app.call('GET', '/api/tasks')
  const { body: rehearsals } = await app.call('GET', `/api/agents/${agentId}/rehearsals`)
  for (const [route, least] of Object.entries(ACCESS)) {
    const [method, path = ''] = route.split(' ')
    if (method !== 'GET' || least !== 'viewer' || path.endsWith('/events')) continue
    const group = path.split('/')[2] ?? ''
    const ids: Record<string, string[]> = {
      agents: [agentId],
      tasks: tasks.data.map(({ id }: { id: string }) => id),
      rehearsals: rehearsals.data.map(({ id }: { id: string }) => id),
    }
    for (const id of ids[group] ?? ['x']) {
      for (const revision of path.includes('{revision}') ? ['1', '2'] : ['']) {
        const url = path.replace('{id}', id).replace('{other}', id).replace('{revision}', revision)
        const text = await (await fetch(app.url + url, { headers: as(role) })).text()
        if (Object.values(WRITTEN).some((secret) => text.includes(secret))) found.add(path)
      }
    }
  }
  return [...found]
}

it('are shown only to those who may edit agents, on every route', async () => {
  const shown = await routesWith('editor')
  expect(shown.toSorted()).toEqual([
    '/api/agents',
    '/api/agents/{id}',
    '/api/agents/{id}/export',
    '/api/agents/{id}/revisions',
    '/api/agents/{id}/revisions/{revision}',
  ])
  expect(await routesWith('owner')).toEqual(shown)
  expect(await routesWith('viewer')).toEqual([])
  expect(await routesWith('approver')).toEqual([])
  const { body } = await app.call('GET', `/api/agents/${agentId}`, undefined, as('viewer'))
  expect(body.tools).toMatchObject([
    {
      url: 'https://api.example/search?api_key=***&page=1',
      headers: { Authorization: '***', 'X-Plain': 'kept' },
      body: '{"q": {{ q | json }}, "token": "***"}',
    },
    { auth: { token: '***' }, document: DOCUMENT, imported: { operations: [{ operation: 'pets' }] } },
  ])
})

it('an export says what was left out, and cannot be imported without it', async () => {
  const file = (await app.call('GET', `/api/agents/${agentId}/export`, undefined, as('viewer'))).body
  const places = [
    '/agent/tools/0/url',
    '/agent/tools/0/body',
    '/agent/tools/0/headers/Authorization',
    '/agent/tools/1/auth/token',
  ]
  expect(file).toMatch(/^# Left out, because your role may not edit agents: credentials/)
  for (const place of places) expect(file).toContain(`#   ${place}\n`)
  const whole = (await app.call('GET', `/api/agents/${agentId}/export`, undefined, as('editor'))).body
  expect(whole).not.toContain('#')
  const send = (text: string) =>
    app.call('POST', '/api/agents/import', text, { 'content-type': 'application/yaml' })
  const refused = await send(file)
  expect(refused.status).toBe(422)
  expect(refused.body.errors.map(({ pointer }: { pointer: string }) => pointer).toSorted()).toEqual(
    places.map((place) => place.replace('/agent', '')).toSorted(),
  )
  expect(refused.body.errors[0].detail).toContain('{{ secrets.NAME }}')
  expect((await send(whole)).status).toBe(201)
})

it('the audit log names the one that changed, and records no values', async () => {
  const { body } = await app.call('GET', `/api/audit?object=${agentId}&kind=agent`)
  const [changed, created] = body.data.filter(({ operation }: { operation: string }) =>
    ['createAgent', 'updateAgent'].includes(operation),
  )
  expect(changed.changes).toEqual([{ pointer: '/tools/0/headers/Authorization' }])
  expect(created.changes.map(({ pointer }: { pointer: string }) => pointer)).toEqual(
    expect.arrayContaining(['/tools', '/tools/0/url', '/tools/1/auth/token']),
  )
  const { rows } = await app.database.db.pool.query('select changes from bellwire.audit_log')
  for (const secret of Object.values(WRITTEN)) expect(JSON.stringify(rows)).not.toContain(secret)
})
