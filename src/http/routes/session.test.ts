import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AgentConfig } from '../../contract/agent.ts'
import {
  PUBLIC_URL,
  startManagementServer,
  type ManagementServer,
} from '../../../test/harness/managementServer.ts'

const SAME = { 'sec-fetch-site': 'same-origin' }

let server: ManagementServer

beforeAll(async () => {
  server = await startManagementServer()
})
afterAll(() => server.stop())

const signIn = (json: unknown, headers: Record<string, string> = SAME) =>
  server.call('POST', '/api/session', { key: null, json, headers })

/** Signs in by a fresh link, and gives the headers of a page that is signed in. */
async function signedIn(): Promise<{ cookie: string }> {
  const { status, headers } = await signIn({ code: await server.sessions.issueCode() })
  expect(status).toBe(200)
  return { cookie: headers.get('set-cookie')?.split(';')[0] ?? '' }
}

describe('signing in', () => {
  it('by a link is good once', async () => {
    const code = await server.sessions.issueCode()
    const answer = await signIn({ code })
    expect(answer).toMatchObject({ status: 200, body: { via: 'link' } })
    expect(answer.headers.get('set-cookie')).toMatch(
      /^__Host-bellwire_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure; Max-Age=604800$/,
    )
    expect(answer.text).not.toMatch(/[\w-]{43}/)
    const again = await signIn({ code })
    expect(again).toMatchObject({ status: 401, body: { code: 'sign_in_refused' } })
    expect(again.headers.get('set-cookie')).toBeNull()
  })

  it('works with an admin key', async () => {
    expect(await signIn({ key: server.adminKey })).toMatchObject({ status: 200, body: { via: 'key' } })
  })

  it('does not work with the key of an agent', async () => {
    const agent = await server.agents.create(
      AgentConfig.parse({ name: 'x', instructions: '', model: 'demo/assistant' }),
    )
    const { key } = await server.keys.create({ name: 'x', scope: 'agent', agentId: agent.id })
    expect(await signIn({ key })).toMatchObject({ status: 403, body: { code: 'forbidden' } })
  })

  it.each([[{}], [{ code: '' }], [{ code: 'a', key: 'b' }], [{ code: 1 }]])('refuses %j', async (json) => {
    expect(await signIn(json)).toMatchObject({ status: 422, body: { code: 'schema_invalid' } })
  })

  it('cannot be done by another site', async () => {
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }]) {
      const answer = await signIn({ key: server.adminKey }, headers)
      expect(answer).toMatchObject({ status: 403, body: { code: 'cross_origin' } })
      expect(answer.headers.get('set-cookie')).toBeNull()
    }
  })

  it('leaves no code, key or session in the log', async () => {
    const code = await server.sessions.issueCode()
    const { headers } = await signIn({ code })
    const token = /session=([\w-]+)/.exec(headers.get('set-cookie') ?? '')?.[1] ?? 'none'
    await server.call('GET', '/api/agents', {
      key: null,
      headers: { cookie: `__Host-bellwire_session=${token}` },
    })
    expect(server.logged()).toContain('/api/session')
    for (const secret of [code, token, server.adminKey]) expect(server.logged()).not.toContain(secret)
  })
})

describe('a session', () => {
  it('reads and, from a page of ours, changes', async () => {
    const cookie = await signedIn()
    const session = await server.call('GET', '/api/session', { key: null, headers: cookie })
    expect(session).toMatchObject({
      status: 200,
      body: { via: 'link', expires_at: expect.any(String) as string },
    })
    const made = await server.call('POST', '/api/agents', {
      key: null,
      headers: { ...cookie, ...SAME },
      json: { name: 'By session', instructions: '', model: 'demo/assistant' },
    })
    expect(made.status).toBe(201)
    const byOrigin = await server.call('PUT', '/api/secrets/BY_ORIGIN', {
      key: null,
      headers: { ...cookie, origin: PUBLIC_URL },
      json: { value: 'x' },
    })
    expect(byOrigin.status).toBeLessThan(300)
  })

  it('changes nothing for another site, or for nobody knows whom', async () => {
    const cookie = await signedIn()
    for (const headers of [
      {},
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ]) {
      for (const [method, path] of [
        ['POST', '/api/agents'],
        ['PUT', '/api/secrets/EVIL'],
        ['DELETE', '/api/session'],
      ] as const) {
        const answer = await server.call(method, path, { key: null, headers: { ...cookie, ...headers } })
        expect([method, answer.status, answer.body]).toMatchObject([method, 403, { code: 'cross_origin' }])
      }
    }
    expect((await server.call('GET', '/api/session', { key: null, headers: cookie })).status).toBe(200)
  })

  it('counts for nothing beside a key, good or bad', async () => {
    const cookie = await signedIn()
    expect((await server.call('GET', '/api/agents', { key: 'wrong', headers: cookie })).status).toBe(401)
    const made = await server.call('PUT', '/api/secrets/BY_KEY', { headers: cookie, json: { value: 'x' } })
    expect(made.status).toBeLessThan(300)
    const session = await server.call('GET', '/api/session', { headers: cookie })
    expect(session.body).toEqual({ via: 'key', role: 'owner', user: null, people: false, expires_at: null })
  })

  it('ends when its owner signs out', async () => {
    const cookie = await signedIn()
    const out = await server.call('DELETE', '/api/session', { key: null, headers: { ...cookie, ...SAME } })
    expect(out.status).toBe(204)
    expect(out.headers.get('set-cookie')).toMatch(/^__Host-bellwire_session=; .*Max-Age=0$/)
    const after = await server.call('GET', '/api/session', { key: null, headers: cookie })
    expect(after).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
  })

  it('that nobody opened is none', async () => {
    const headers = { cookie: `__Host-bellwire_session=${'A'.repeat(43)}` }
    expect((await server.call('GET', '/api/agents', { key: null, headers })).status).toBe(401)
  })
})

// The last one: it uses up the tries of this address.
describe('an address that guesses', () => {
  it('is slowed down, and whoever shares it signs in all the same', async () => {
    const tries = await Promise.all(Array.from({ length: 30 }, () => signIn({ code: 'wrong' })))
    expect(tries.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(20)
    const refused = await signIn({ key: 'wrong' })
    expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited' } })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await signIn({ key: server.adminKey })).toMatchObject({ status: 200 })
    expect(await signIn({ code: await server.sessions.issueCode() })).toMatchObject({ status: 200 })
  })

  it('keys of the API, the same', async () => {
    const wrong = () => server.call('GET', '/api/agents', { key: 'wrong' })
    await Promise.all(Array.from({ length: 60 }, wrong))
    expect(await wrong()).toMatchObject({ status: 429, body: { code: 'rate_limited' } })
    expect((await server.call('GET', '/api/agents')).status).toBe(200)
    expect((await server.call('GET', '/api/agents', { key: null })).status).toBe(401)
  })
})
