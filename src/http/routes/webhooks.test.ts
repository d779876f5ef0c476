import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AgentConfig } from '../../contract/agent.ts'
import { pageOf } from '../../contract/page.ts'
import { AgentWebhook, Webhook } from '../../contract/webhook.ts'
import {
  PUBLIC_URL,
  startManagementServer,
  type ManagementServer,
} from '../../../test/harness/managementServer.ts'
import { waitFor } from '../../../test/harness/waitFor.ts'

let server: ManagementServer
let agentId: string
let base: string

beforeAll(async () => {
  server = await startManagementServer()
})
afterAll(() => server.stop())
beforeEach(async () => {
  const { body } = await server.call('POST', '/api/agents', {
    json: { name: 'Test', instructions: 'Help.', model: 'demo/assistant' },
  })
  agentId = Webhook.pick({ id: true }).parse(body).id
  base = `/api/agents/${agentId}/webhooks`
})

async function create(json?: object): Promise<Webhook> {
  const answer = await server.call('POST', base, json === undefined ? {} : { json })
  expect(answer.status).toBe(201)
  expect(answer.headers.get('location')).toMatch(base)
  return Webhook.parse(answer.body)
}

/** What a trigger with this URL would find. */
function opens(url: string) {
  const token = url.slice(url.lastIndexOf('/') + 1)
  return server.webhooks.findByTokenHash(createHash('sha256').update(token).digest())
}

describe('a webhook', () => {
  it('hands out a URL that opens its agent', async () => {
    const webhook = await create({ name: 'From the shop' })
    expect(webhook).toMatchObject({
      agent_id: agentId,
      name: 'From the shop',
      enabled: true,
      is_default: false,
    })
    expect(webhook.url).toMatch(new RegExp(`^${PUBLIC_URL}/api/webhooks/agents/[A-Za-z0-9_-]{43}$`))
    expect(await opens(webhook.url)).toMatchObject({ webhookId: webhook.id, agentId, enabled: true })
    expect(await opens(`${webhook.url}x`)).toBeUndefined()
  })

  it('shows the same when it is read again', async () => {
    const webhook = await create()
    expect((await server.call('GET', `${base}/${webhook.id}`)).body).toEqual(webhook)
    expect((await server.call('GET', base)).body).toEqual({ data: [webhook], next_cursor: null })
  })

  it('may be made with an empty body, whatever the content type', async () => {
    expect((await server.call('POST', base, { body: '' })).status).toBe(201)
    expect((await server.call('POST', base)).status).toBe(201)
    expect((await server.call('POST', base, { json: {} })).status).toBe(201)
  })

  it.each([
    [{ names: 'x' }, '/names'],
    [{ url: 'https://x' }, '/url'],
    [{ is_default: true }, '/is_default'],
    [{ enabled: 'yes' }, '/enabled'],
    [{ name: '' }, '/name'],
    [{ source: 'nobody' }, '/source'],
    [{ methods: [] }, '/methods'],
    [{ methods: ['POST', 'POST'] }, '/methods'],
    [{ methods: ['PUT'] }, '/methods/0'],
    [{ secrets: 'x' }, '/secrets'],
    [{ secrets: [''] }, '/secrets/0'],
    [[], ''],
  ])('refuses %j', async (json, pointer) => {
    const { status, body } = await server.call('POST', base, { json })
    expect(status).toBe(422)
    expect(body).toMatchObject({ errors: [{ pointer }] })
  })

  it('is disabled and enabled again, and keeps its URL', async () => {
    const webhook = await create({ name: 'A' })
    const off = await server.call('PATCH', `${base}/${webhook.id}`, { json: { enabled: false } })
    expect(off.body).toMatchObject({ name: 'A', enabled: false, url: webhook.url })
    expect(await opens(webhook.url)).toMatchObject({ enabled: false })
    const on = await server.call('PATCH', `${base}/${webhook.id}`, { json: { enabled: true, name: 'B' } })
    expect(on.body).toMatchObject({ name: 'B', enabled: true, url: webhook.url })
  })

  it('keeps its secrets encrypted, counts them, and never shows one', async () => {
    const webhook = await create({ secrets: ['whsec_one', 'whsec_two'] })
    expect(webhook.secrets).toEqual({ count: 2, updated_at: expect.any(String) })
    const path = `${base}/${webhook.id}`
    const renamed = await server.call('PATCH', path, { json: { name: 'Renamed' } })
    expect(Webhook.parse(renamed.body).secrets).toEqual(webhook.secrets)
    expect(await opens(webhook.url)).toMatchObject({ secrets: ['whsec_one', 'whsec_two'] })
    const changed = await server.call('PATCH', path, { json: { secrets: ['whsec_three'] } })
    expect(Webhook.parse(changed.body).secrets.count).toBe(1)
    expect(await opens(webhook.url)).toMatchObject({ secrets: ['whsec_three'] })
    const { rows } = await server.database.db.pool.query(
      'select w::text as row, w.secrets from bellwire.webhooks w where id = $1',
      [webhook.id],
    )
    for (const text of [rows[0].row, rows[0].secrets.toString('latin1'), changed.text, server.logged()]) {
      expect(text).not.toContain('whsec_')
    }
    const none = await server.call('PATCH', path, { json: { secrets: [] } })
    expect(Webhook.parse(none.body).secrets).toMatchObject({ count: 0 })
  })

  it('rotates secrets without knowing the stored ones', async () => {
    const webhook = await create({ secrets: ['oldest', 'older'] })
    const path = `${base}/${webhook.id}`
    const patch = (json: object) => server.call('PATCH', path, { json })
    await patch({ secrets: ['new'], keep_secrets: 1 })
    expect(await opens(webhook.url)).toMatchObject({ secrets: ['new', 'oldest'] })
    await patch({ keep_secrets: 1 })
    expect(await opens(webhook.url)).toMatchObject({ secrets: ['new'] })
    await patch({ secrets: ['new', 'newer'], keep_secrets: 10 })
    expect(await opens(webhook.url)).toMatchObject({ secrets: ['new', 'newer'] })
    const many = Array.from({ length: 9 }, (_, index) => `secret ${index}`)
    const refused = await patch({ secrets: many, keep_secrets: 2 })
    expect([refused.status, refused.body]).toMatchObject([422, { errors: [{ pointer: '/keep_secrets' }] }])
    await patch({ keep_secrets: 0 })
    expect(await opens(webhook.url)).toMatchObject({ secrets: [] })
  })

  it('has the defaults of every setting, and keeps what a change leaves out', async () => {
    const webhook = await create()
    expect(webhook).toMatchObject({ source: 'generic', methods: ['GET', 'POST'] })
    const path = `${base}/${webhook.id}`
    await server.call('PATCH', path, { json: { methods: ['POST'] } })
    const { body } = await server.call('PATCH', path, { json: { name: 'Other' } })
    expect(body).toMatchObject({ name: 'Other', methods: ['POST'] })
  })

  it('opens nothing when it is deleted', async () => {
    const webhook = await create()
    expect((await server.call('DELETE', `${base}/${webhook.id}`)).status).toBe(204)
    expect((await server.call('DELETE', `${base}/${webhook.id}`)).status).toBe(404)
    expect(await opens(webhook.url)).toBeUndefined()
  })

  it('opens nothing when its agent is deleted', async () => {
    const webhook = await create()
    await server.agents.delete(agentId)
    expect(await opens(webhook.url)).toBeUndefined()
  })

  it('is found under its own agent only', async () => {
    const webhook = await create()
    const other = await server.agents.create(
      AgentConfig.parse({ name: 'Other', instructions: '', model: 'demo/assistant' }),
    )
    const path = `/api/agents/${other.id}/webhooks/${webhook.id}`
    for (const [method, at] of [
      ['GET', path],
      ['PATCH', path],
      ['DELETE', path],
      ['POST', `${path}/rotate`],
    ] as const) {
      const { status, body } = await server.call(method, at, method === 'PATCH' ? { json: {} } : {})
      expect([method, status]).toEqual([method, 404])
      expect(body).toMatchObject({ code: 'webhook_not_found' })
    }
    expect(await opens(webhook.url)).toMatchObject({ webhookId: webhook.id })
  })

  it('is listed in pages', async () => {
    for (let index = 0; index < 3; index += 1) await create({ name: `W${index}` })
    const first = pageOf(Webhook).parse((await server.call('GET', `${base}?limit=2`)).body)
    expect(first.data.map((webhook) => webhook.name)).toEqual(['W2', 'W1'])
    const rest = await server.call('GET', `${base}?limit=2&cursor=${first.next_cursor}`)
    expect(rest.body).toMatchObject({ data: [{ name: 'W0' }], next_cursor: null })
  })
})

describe('rotation', () => {
  async function rotate(id: string, json?: object): Promise<Webhook> {
    const answer = await server.call('POST', `${base}/${id}/rotate`, json === undefined ? {} : { json })
    expect(answer.status).toBe(200)
    return Webhook.parse(answer.body)
  }

  it('gives a new URL and ends the one before at once', async () => {
    const before = await create()
    const after = await rotate(before.id)
    expect(after).toEqual({ ...before, url: after.url })
    expect(after.url).not.toBe(before.url)
    expect(await opens(before.url)).toBeUndefined()
    expect(await opens(after.url)).toMatchObject({ webhookId: before.id })
    expect((await server.call('GET', `${base}/${before.id}`)).body).toEqual(after)
  })

  it('leaves the URL before working for the grace period, and no longer', async () => {
    const first = await create()
    const second = await rotate(first.id, { grace_seconds: 1 })
    expect(await opens(first.url)).toMatchObject({ webhookId: first.id })
    expect(await opens(second.url)).toMatchObject({ webhookId: first.id })
    await waitFor(async () => (await opens(first.url)) === undefined, { what: 'the end of the grace period' })
    expect(await opens(second.url)).toMatchObject({ webhookId: first.id })
  })

  it('without grace ends the URLs of earlier rotations too', async () => {
    const first = await create()
    const second = await rotate(first.id, { grace_seconds: 3600 })
    const third = await rotate(first.id, { grace_seconds: 3600 })
    for (const { url } of [first, second, third])
      expect(await opens(url)).toMatchObject({ webhookId: first.id })
    const last = await rotate(first.id)
    for (const { url } of [first, second, third]) expect(await opens(url)).toBeUndefined()
    expect(await opens(last.url)).toMatchObject({ webhookId: first.id })
  })

  it('leaves one current URL when many ask at once', async () => {
    const { id } = await create()
    const all = await Promise.all(Array.from({ length: 6 }, () => rotate(id)))
    const open = []
    for (const { url } of all) if (await opens(url)) open.push(url)
    expect(open).toHaveLength(1)
    expect((await server.call('GET', `${base}/${id}`)).body).toMatchObject({ url: open[0] })
  })

  it.each([{ grace_seconds: -1 }, { grace_seconds: 2_592_001 }, { grace_seconds: 0.5 }, { grace: 1 }])(
    'refuses %j',
    async (json) => {
      const { id } = await create()
      expect((await server.call('POST', `${base}/${id}/rotate`, { json })).status).toBe(422)
    },
  )
})

describe('GET /api/agent_webhook', () => {
  const ask = () => server.call('GET', `/api/agent_webhook?id=${agentId}`)

  it('makes one default webhook, however many ask at once, and gives its URL ever after', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, ask))
    const urls = new Set(answers.map((answer) => AgentWebhook.parse(answer.body).webhook_url))
    expect(urls.size).toBe(1)
    expect((await ask()).body).toEqual({ success: true, webhook_url: [...urls][0] })
    const { data } = pageOf(Webhook).parse((await server.call('GET', base)).body)
    expect(data).toMatchObject([{ is_default: true, url: [...urls][0] }])
  })

  it('follows a rotation, and makes another when the default was deleted', async () => {
    await ask()
    const [webhook] = pageOf(Webhook).parse((await server.call('GET', base)).body).data
    await server.call('POST', `${base}/${webhook?.id}/rotate`)
    const rotated = AgentWebhook.parse((await ask()).body).webhook_url
    expect(rotated).not.toBe(webhook?.url)
    await server.call('DELETE', `${base}/${webhook?.id}`)
    expect(AgentWebhook.parse((await ask()).body).webhook_url).not.toBe(rotated)
  })

  it('asks for the id when there is none, and finds nothing for a wrong one', async () => {
    const without = await server.call('GET', '/api/agent_webhook')
    expect(without.status).toBe(400)
    expect(without.body).toMatchObject({ code: 'parameter_missing', errors: [{ pointer: '?id' }] })
    for (const id of ['', 'nonsense', '00000000-0000-7000-8000-000000000000']) {
      const { status, body } = await server.call('GET', `/api/agent_webhook?id=${id}`)
      expect(status).toBe(404)
      expect(body).toMatchObject({ code: 'agent_not_found', success: false })
    }
  })
})

it('tokens are stored hashed and encrypted only, and never logged', async () => {
  const { url, id } = await create()
  const token = url.slice(url.lastIndexOf('/') + 1)
  const { rows } = await server.database.db.pool.query(
    'select hash, ciphertext from bellwire.webhook_tokens where webhook_id = $1',
    [id],
  )
  expect(rows).toHaveLength(1)
  for (const column of ['hash', 'ciphertext']) expect(rows[0][column].includes(token)).toBe(false)
  expect(server.logged()).not.toContain(token)
})
