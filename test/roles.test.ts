import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ACCESS } from '../src/contract/access.ts'
import type { Role } from '../src/contract/role.ts'
import { hasRole, ROLES } from '../src/contract/roleOrder.ts'
import { startTestApp, type TestApp } from './harness/api.ts'
import { createPerson } from './harness/person.ts'

/** Rows of the table for routes that the document does not list. */
const UNLISTED = ['GET /api/tasks/{id}/steps/*']

/** Routes that need an API key in the request itself, and take those of agents. */
const ASKING = ['POST /api/answer', 'POST /stream']

/** Codes that say that somebody may not call a route. */
const REFUSALS = ['unauthenticated', 'forbidden', 'role_insufficient', 'cross_origin']

type Answer = { status: number; body: Record<string, unknown> }

let app: TestApp
let routes: string[]
let agentKey: string
const keys = new Map<Role, string>()

beforeAll(async () => {
  app = await startTestApp({}, { worker: false })
  const { body: document } = await app.call('GET', '/api/openapi.json')
  routes = Object.entries(document.paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const { id } = await app.createAgent()
  agentKey = (await app.call('POST', '/api/api_keys', { name: 'Agent', scope: 'agent', agent_id: id })).body
    .key
  for (const role of ROLES) {
    const made = await app.call('POST', '/api/api_keys', { name: role, scope: 'admin', role })
    expect([made.status, made.body.role]).toEqual([201, role])
    keys.set(role, made.body.key)
  }
})
afterAll(() => app.stop())

/** Calls a route of the document, with words where it wants ids. */
async function request(route: string, headers: Record<string, string>, agent = false): Promise<Answer> {
  const [method = '', path = ''] = route.split(' ')
  // Questions are checked before the key; one with a delay is refused after it.
  const question = { question: 'Hello?', ...(agent ? {} : { agent_id: randomUUID() }) }
  const asks = ASKING.includes(route)
  const response = await fetch(app.url + path.replaceAll(/\{\w+\}/g, 'x'), {
    method,
    headers: {
      ...headers,
      ...(asks ? { 'content-type': 'application/json' } : {}),
      ...(asks && agent ? { 'x-bellwire-delay': '1' } : {}),
    },
    ...(asks ? { body: JSON.stringify(question) } : {}),
  })
  const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '')
  if (!isJson) await response.body?.cancel()
  return { status: response.status, body: isJson ? ((await response.json()) as Answer['body']) : {} }
}

const withKey = (key: string) => ({ authorization: `Bearer ${key}` })

/** A page of the console that is signed in with this key. */
async function withSession(key: string): Promise<Record<string, string>> {
  const person = createPerson(app.url)
  expect((await person.call('POST', '/api/session', { key })).status).toBe(200)
  return { cookie: person.cookie(), 'sec-fetch-site': 'same-origin' }
}

it('the table names each route of the document, and no others', () => {
  expect(routes.length).toBeGreaterThan(70)
  expect(routes.filter((route) => !(route in ACCESS))).toEqual([])
  expect(Object.keys(ACCESS).filter((route) => !routes.includes(route))).toEqual(UNLISTED)
})

describe.each(ROLES)('with the role %s', (role) => {
  /** What the table says about this role. */
  function expected(route: string) {
    const least = ACCESS[route] ?? 'owner'
    const may = least === 'anyone' || hasRole(role, least)
    return may ? 'admitted' : { status: 403, code: 'role_insufficient', required_role: least, role }
  }

  function found({ status, body }: Answer) {
    const { code, required_role, role: own } = body
    return REFUSALS.includes(String(code)) ? { status, code, required_role, role: own } : 'admitted'
  }

  it('a key may do what the table says', async () => {
    for (const route of routes) {
      const answer = await request(route, withKey(keys.get(role) ?? ''))
      expect([route, found(answer)]).toEqual([route, expected(route)])
    }
  })

  it('a session may do what the table says', async () => {
    for (const route of routes.filter((each) => !ASKING.includes(each))) {
      // Some routes end the session.
      const answer = await request(route, await withSession(keys.get(role) ?? ''))
      expect([route, found(answer)]).toEqual([route, expected(route)])
    }
  })
})

it('the key of an agent may ask its agent, and nothing else', async () => {
  for (const route of routes) {
    const { status, body } = await request(route, withKey(agentKey), true)
    const may = ACCESS[route] === 'anyone' || ASKING.includes(route)
    const refused = REFUSALS.includes(String(body['code'])) ? [status, body['code']] : 'admitted'
    expect([route, refused]).toEqual([route, may ? 'admitted' : [403, 'forbidden']])
  }
})

it('nobody may call what is not open to anyone', async () => {
  for (const route of routes) {
    const { status, body } = await request(route, {})
    const refused = REFUSALS.includes(String(body['code'])) ? [status, body['code']] : 'admitted'
    expect([route, refused]).toEqual([
      route,
      ACCESS[route] === 'anyone' ? 'admitted' : [401, 'unauthenticated'],
    ])
  }
})

it('HEAD needs what GET needs', async () => {
  const path = `${app.url}/api/tasks/${randomUUID()}/events`
  expect((await fetch(path, { method: 'HEAD' })).status).toBe(401)
  expect((await fetch(path, { method: 'HEAD', headers: withKey(keys.get('viewer') ?? '') })).status).toBe(404)
})
