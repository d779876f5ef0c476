import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AgentConfig } from '../../contract/agent.ts'
import { pageOf } from '../../contract/page.ts'
import { SecretWithUse } from '../../contract/secret.ts'
import { startManagementServer, type ManagementServer } from '../../../test/harness/managementServer.ts'

const VALUE = 'sk-1234567890-correct-horse'

let server: ManagementServer

beforeAll(async () => {
  server = await startManagementServer()
})
afterAll(() => server.stop())

const put = (name: string, value: unknown = VALUE) =>
  server.call('PUT', `/api/secrets/${name}`, { json: { value } })

describe('a secret', () => {
  it('goes in, and only a run reads it', async () => {
    const answer = await put('API_TOKEN')
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      name: 'API_TOKEN',
      created_at: expect.any(String),
      updated_at: expect.any(String),
    })
    expect(await server.secrets.read('API_TOKEN')).toBe(VALUE)
    const list = await server.call('GET', '/api/secrets')
    expect(answer.text + list.text).not.toContain(VALUE)
    expect(server.logged()).not.toContain(VALUE)
    const { rows } = await server.database.db.pool.query(
      `select ciphertext from bellwire.secrets where name = 'API_TOKEN'`,
    )
    expect(rows[0].ciphertext.includes(VALUE)).toBe(false)
  })

  it('is replaced under the same name', async () => {
    await put('REPLACED', 'one')
    await put('REPLACED', 'two\u0000')
    expect(await server.secrets.read('REPLACED')).toBe('two\u0000')
  })

  it('is gone when it is deleted', async () => {
    await put('GONE')
    const answer = await server.call('DELETE', '/api/secrets/GONE')
    expect([answer.status, answer.text]).toEqual([204, ''])
    expect(await server.secrets.read('GONE')).toBeUndefined()
    const again = await server.call('DELETE', '/api/secrets/GONE')
    expect(again.status).toBe(404)
    expect(again.body).toMatchObject({ code: 'secret_not_found' })
  })

  it.each(['\u0000', '\ud83d\ude00', ' '])('is not found under what is no name: %j', async (name) => {
    const answer = await server.call('DELETE', `/api/secrets/${encodeURIComponent(name)}`)
    expect(answer.status).toBe(404)
    expect(answer.body).toMatchObject({ code: 'secret_not_found' })
  })

  it.each(['1A', 'A-B', 'A.B', 'Ä', 'x'.repeat(65)])('may not be called %s', async (name) => {
    const { status, body } = await put(encodeURIComponent(name))
    expect(status).toBe(422)
    expect(body).toMatchObject({ errors: [{ pointer: '{name}' }] })
  })

  it.each([
    ['', '/value'],
    [7, '/value'],
    [undefined, '/value'],
    ['x'.repeat(65_537), '/value'],
  ])('may not have the value %j', async (value, pointer) => {
    const { status, body } = await put('BAD', value ?? null)
    expect(status).toBe(422)
    expect(body).toMatchObject({ errors: [{ pointer }] })
  })
})

describe('the list', () => {
  it('names the agents whose newest revision uses a secret', async () => {
    await put('USED')
    await put('UNUSED')
    const tool = (url: string) => ({ type: 'http', name: 't', description: '', url, access: 'read' })
    const config = {
      name: 'User',
      instructions: 'secrets.UNUSED',
      model: 'demo/assistant',
      tools: [tool('https://x/{{ secrets.USED }}')],
    }
    const agent = await server.agents.create(AgentConfig.parse(config))
    const use = async () => {
      const { body } = await server.call('GET', '/api/secrets?limit=200')
      const { data } = pageOf(SecretWithUse).parse(body)
      return Object.fromEntries(data.map((secret) => [secret.name, secret.used_by]))
    }
    expect(await use()).toMatchObject({ USED: [{ agent_id: agent.id, name: 'User' }], UNUSED: [] })
    await server.agents.update(agent.id, { tools: [] })
    expect(await use()).toMatchObject({ USED: [] })
  })

  it('is sorted by name and comes in pages', async () => {
    for (const name of ['_a', '_b', '_c']) await put(name)
    const names: string[] = []
    let cursor = ''
    do {
      const { body } = await server.call('GET', `/api/secrets?limit=2${cursor}`)
      const page = pageOf(SecretWithUse).parse(body)
      names.push(...page.data.map((secret) => secret.name))
      cursor = page.next_cursor === null ? '' : `&cursor=${page.next_cursor}`
    } while (cursor !== '')
    expect(names).toEqual(names.toSorted())
    expect(names.filter((name) => /^_[abc]$/.test(name))).toEqual(['_a', '_b', '_c'])
  })
})
