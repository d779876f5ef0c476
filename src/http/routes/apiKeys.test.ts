import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AgentConfig } from '../../contract/agent.ts'
import { ApiKey, CreatedApiKey } from '../../contract/apiKey.ts'
import { pageOf } from '../../contract/page.ts'
import { startManagementServer, type ManagementServer } from '../../../test/harness/managementServer.ts'

let server: ManagementServer
let agentId: string

beforeAll(async () => {
  server = await startManagementServer()
  const config = { name: 'Test', instructions: '', model: 'demo/assistant' }
  agentId = (await server.agents.create(AgentConfig.parse(config))).id
})
afterAll(() => server.stop())

async function create(json: object) {
  const answer = await server.call('POST', '/api/api_keys', { json })
  expect(answer.status).toBe(201)
  return CreatedApiKey.parse(answer.body)
}

const tryKey = async (key: string) => (await server.call('GET', '/api/agents', { key })).status

describe('a key', () => {
  it('for operators opens the management', async () => {
    const made = await create({ name: 'CI', scope: 'admin' })
    expect(made).toMatchObject({
      name: 'CI',
      scope: 'admin',
      role: 'owner',
      agent_id: null,
      hint: made.key.slice(-4),
    })
    expect(made.key).toMatch(/^bw_admin_[A-Za-z0-9_-]{43}$/)
    expect(await tryKey(made.key)).toBe(200)
  })

  it('for one agent does not', async () => {
    const made = await create({ name: 'Widget', scope: 'agent', agent_id: agentId })
    expect(made).toMatchObject({ scope: 'agent', role: null, agent_id: agentId })
    expect(made.key).toMatch(/^bw_agent_/)
    expect(await tryKey(made.key)).toBe(403)
    expect(await server.keys.verify(made.key)).toEqual({ scope: 'agent', keyId: made.id, agentId })
  })

  it('is shown once, and stored as a hash', async () => {
    const { key } = await create({ name: 'Once', scope: 'admin' })
    expect((await server.call('GET', '/api/api_keys?limit=200')).text).not.toContain(key)
    const { rows } = await server.database.db.pool.query('select * from bellwire.api_keys')
    expect(JSON.stringify(rows)).not.toContain(key)
    expect(server.logged()).not.toContain(key)
  })

  it('stops working at once when it is deleted', async () => {
    const { id, key } = await create({ name: 'Short', scope: 'admin' })
    expect(await tryKey(key)).toBe(200)
    expect((await server.call('DELETE', `/api/api_keys/${id}`)).status).toBe(204)
    expect(await tryKey(key)).toBe(401)
    expect((await server.call('DELETE', `/api/api_keys/${id}`)).body).toMatchObject({
      code: 'api_key_not_found',
    })
    expect((await server.call('DELETE', '/api/api_keys/nonsense')).status).toBe(404)
  })

  it.each([
    [{ name: 'x' }, '/scope', 'is missing'],
    [{ name: 'x', scope: 'root' }, '/scope', 'use one of "admin", "agent"'],
    [{ name: 'x', scope: 'agent' }, '/agent_id', 'is missing'],
    [{ name: 'x', scope: 'admin', agent_id: randomUUID() }, '/agent_id', 'is not a known field'],
    [{ scope: 'admin' }, '/name', 'is missing'],
    [
      { name: 'environment', scope: 'admin' },
      '/name',
      '"environment" is the name of the key that BELLWIRE_ADMIN_KEY sets',
    ],
  ])('is not made from %j', async (json, pointer, detail) => {
    const { status, body } = await server.call('POST', '/api/api_keys', { json })
    expect(status).toBe(422)
    expect(body).toMatchObject({ errors: [{ pointer, detail }] })
  })

  it('is not made for an agent that is not there', async () => {
    for (const id of [randomUUID(), 'nonsense']) {
      const answer = await server.call('POST', '/api/api_keys', {
        json: { name: 'x', scope: 'agent', agent_id: id },
      })
      expect(answer.status).toBe(404)
      expect(answer.body).toMatchObject({ code: 'agent_not_found' })
    }
  })
})

it('lists keys newest first, in pages', async () => {
  const { id } = await create({ name: 'Newest', scope: 'admin' })
  const first = pageOf(ApiKey).parse((await server.call('GET', '/api/api_keys?limit=1')).body)
  expect(first.data).toMatchObject([{ id, name: 'Newest' }])
  const second = pageOf(ApiKey).parse(
    (await server.call('GET', `/api/api_keys?limit=1&cursor=${first.next_cursor}`)).body,
  )
  expect(second.data[0]?.id).not.toBe(id)
})

it('keeps the last admin key', async () => {
  const admins = async () =>
    pageOf(ApiKey)
      .parse((await server.call('GET', '/api/api_keys?limit=200')).body)
      .data.filter(({ scope }) => scope === 'admin')
  const all = await admins()
  expect(all.length).toBeGreaterThan(1)
  const [own] = all.filter((key) => key.hint === server.adminKey.slice(-4))
  for (const key of all) if (key.id !== own?.id) await server.call('DELETE', `/api/api_keys/${key.id}`)
  const { status, body } = await server.call('DELETE', `/api/api_keys/${own?.id}`)
  expect(status).toBe(409)
  expect(body).toMatchObject({ code: 'conflict' })
  expect(await admins()).toHaveLength(1)
})
