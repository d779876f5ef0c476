import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type Reply, type TestApp } from './harness/api.ts'
import { createPerson, type Person } from './harness/person.ts'

const PASSWORD = 'correct horse battery'
const SECRET = 'sk-very-secret-value'

type Entry = {
  id: string
  at: string
  actor: { type: string; id: string | null; name: string }
  route: string
  operation: string
  object: { kind: string; id: string | null; name: string | null }
  changes: { pointer: string; before?: unknown; after?: unknown }[]
  outcome: string
  address: string
}

let app: TestApp
let ada: Person
let adaId: string

beforeAll(async () => {
  app = await startTestApp({}, { worker: false })
  const made = await app.call('POST', '/api/users', {
    email: 'ada@example.com',
    name: 'Ada',
    role: 'owner',
    password: PASSWORD,
  })
  adaId = made.body.id
  ada = createPerson(app.url)
  await ada.call('POST', '/api/session', { email: 'ada@example.com', password: PASSWORD })
})
afterAll(() => app.stop())

async function entries(query = ''): Promise<Entry[]> {
  const { status, body } = await app.call('GET', `/api/audit?limit=200${query}`)
  expect(status).toBe(200)
  return body.data
}

const newest = async (query = ''): Promise<Entry> => {
  const [entry] = await entries(query)
  if (!entry) throw new Error('there is no entry')
  return entry
}

const ok = ({ status, body }: Reply) => {
  expect([status < 300, body]).toEqual([true, body])
  return body
}

const newAgent = async (name: string) =>
  ok(await ada.call('POST', '/api/agents', { name, instructions: 'Help.', model: 'demo/assistant' }))

describe('an entry', () => {
  it('says who changed which fields of what, and when', async () => {
    const agent = await newAgent('Greeter')
    const patch = { name: 'Greeter 2', limits: { max_steps: 5 } }
    ok(await ada.call('PATCH', `/api/agents/${agent.id}`, patch))
    const [changed, created] = await entries(`&object=${agent.id}`)
    expect(created).toMatchObject({
      actor: { type: 'user', id: adaId, name: 'Ada' },
      route: 'POST /api/agents',
      operation: 'createAgent',
      object: { kind: 'agent', id: agent.id, name: 'Greeter' },
      outcome: 'done',
      address: '127.0.0.1',
    })
    expect(created?.changes).toContainEqual({ pointer: '/instructions', after: 'Help.' })
    expect(Math.abs(Date.now() - Date.parse(created?.at ?? ''))).toBeLessThan(60_000)
    expect(changed).toMatchObject({
      route: 'PATCH /api/agents/{id}',
      object: { kind: 'agent', id: agent.id, name: 'Greeter 2' },
      changes: [
        { pointer: '/name', before: 'Greeter', after: 'Greeter 2' },
        { pointer: '/limits/max_steps', before: 20, after: 5 },
      ],
    })
  })

  it('names keys and sign-in links, also after they were deleted', async () => {
    const key = ok(await app.call('POST', '/api/api_keys', { name: 'CI', scope: 'admin', role: 'editor' }))
    const headers = { authorization: `Bearer ${key.key}` }
    ok(await app.call('PUT', '/api/secrets/BY_KEY', { value: SECRET }, headers))
    ok(await app.call('DELETE', `/api/api_keys/${key.id}`))
    expect(await newest(`&actor=${key.id}`)).toMatchObject({ actor: { type: 'key', id: key.id, name: 'CI' } })
    expect(await newest(`&object=${key.id}`)).toMatchObject({
      operation: 'deleteApiKey',
      object: { kind: 'api_key', id: key.id, name: 'CI' },
      changes: expect.arrayContaining([{ pointer: '/role', before: 'editor' }]),
    })
    // A session without key and user, as a sign-in link opens it.
    const { rows } = await app.database.db.pool.query<{ id: string }>(
      `update bellwire.sessions set user_id = null, via = 'link' where user_id = $1 returning id`,
      [adaId],
    )
    expect(rows).toHaveLength(1)
    await expect
      .poll(async () => (await ada.call('GET', '/api/session')).body.via, { timeout: 20_000 })
      .toBe('link')
    ok(await ada.call('PUT', '/api/secrets/BY_LINK', { value: SECRET }))
    expect(await newest('&actor=link')).toMatchObject({
      actor: { type: 'link', id: null, name: 'Sign-in link' },
      object: { kind: 'secret', id: 'BY_LINK', name: 'BY_LINK' },
    })
    ok(await ada.call('POST', '/api/session', { email: 'ada@example.com', password: PASSWORD }))
  })

  it('holds no secret', async () => {
    const agent = await newAgent('Keeper')
    ok(await ada.call('PUT', '/api/secrets/TOKEN', { value: SECRET }))
    expect((await newest('&object=TOKEN')).changes).toEqual([{ pointer: '/value' }])
    const webhook = ok(
      await ada.call('POST', `/api/agents/${agent.id}/webhooks`, {
        source: 'github',
        secrets: [SECRET],
        callback: {
          url: 'https://example.com/back',
          secret: `whsec_${Buffer.from(SECRET + SECRET).toString('base64')}`,
        },
      }),
    )
    ok(
      await ada.call('PUT', `/api/agents/${agent.id}/webhooks/${webhook.id}/callback`, {
        url: 'https://example.com/other',
        secret: `whsec_${Buffer.from(SECRET + SECRET + SECRET).toString('base64')}`,
      }),
    )
    const callback = await newest('&kind=callback')
    expect(callback.object.id).toBe(webhook.id)
    expect(callback.changes).toEqual([
      { pointer: '/url', before: 'https://example.com/back', after: 'https://example.com/other' },
      { pointer: '/secret' },
    ])
    const rotated = ok(await ada.call('POST', `/api/agents/${agent.id}/webhooks/${webhook.id}/rotate`))
    const user = ok(
      await ada.call('POST', '/api/users', {
        email: 'bob@example.com',
        name: 'Bob',
        role: 'viewer',
        password: SECRET,
      }),
    )
    const reset = ok(await ada.call('POST', `/api/users/${user.id}/password_reset`))
    const invitation = ok(
      await ada.call('POST', '/api/invitations', { email: 'lin@example.com', role: 'viewer' }),
    )
    const key = ok(await ada.call('POST', '/api/api_keys', { name: 'K', scope: 'admin' }))
    const { rows } = await app.database.db.pool.query('select * from bellwire.audit_log')
    const stored = JSON.stringify(rows)
    const tokens = [reset.url, invitation.url].map((url: string) => new URL(url).hash.slice(1))
    const urls = [webhook.url, rotated.url].map((url: string) => url.split('/').at(-1) ?? '')
    const base64 = Buffer.from(SECRET).toString('base64').slice(0, 16)
    for (const secret of [SECRET, base64, PASSWORD, key.key, ...tokens, ...urls]) {
      expect(stored).not.toContain(secret)
    }
  })

  it('names the secrets that changed, where nothing else did', async () => {
    const pointers = async (query: string) => (await newest(query)).changes.map(({ pointer }) => pointer)

    const provider = (headers: Record<string, string | null>, key?: string) =>
      ada.call('PUT', '/api/providers/gateway', {
        kind: 'openai_compatible',
        base_url: 'https://models.example/v1',
        headers,
        ...(key === undefined ? {} : { api_key: key }),
      })
    ok(await provider({ 'X-Org': SECRET, 'X-Team': SECRET }, SECRET))
    expect(await pointers('&kind=provider')).toEqual(
      expect.arrayContaining(['/headers', '/headers/X-Org', '/headers/X-Team', '/api_key']),
    )
    ok(await provider({ 'X-Org': `${SECRET} 2`, 'X-Team': null }))
    expect((await newest('&kind=provider')).changes).toEqual([{ pointer: '/headers/X-Org' }])

    const channels = (...list: object[]) => ada.call('PUT', '/api/notices', { channels: list })
    const hook = (path: string) => ({ url: `https://hooks.slack.example/${path}` })
    const made = ok(
      await channels(
        { type: 'slack', name: 'Ops', ...hook(SECRET) },
        { type: 'telegram', bot_token: SECRET, chat: '1' },
        { type: 'webhook', name: 'Pager', url: 'https://pager.example/' },
      ),
    )
    const [ops, bot, pager] = made.channels
    const named = [
      { id: ops.id, type: 'slack', name: 'Ops' },
      { id: bot.id, type: 'telegram', chat: '1' },
      { id: pager.id, type: 'webhook', name: 'Pager' },
    ]
    ok(await channels({ ...named[0], ...hook(`${SECRET}2`) }, { ...named[1] }, { ...named[2] }))
    expect((await newest('&kind=notices')).changes).toEqual([{ pointer: '/channels/Ops/url' }])
    const whsec = `whsec_${Buffer.from(SECRET + SECRET).toString('base64')}`
    ok(
      await channels(
        { ...named[0] },
        { ...named[1], bot_token: `${SECRET}2` },
        { ...named[2], secret: whsec },
      ),
    )
    expect((await newest('&kind=notices')).changes).toEqual([
      { pointer: `/channels/${bot.id}/bot_token` },
      { pointer: '/channels/Pager/secret' },
    ])

    const agent = await newAgent('Signed')
    const at = `/api/agents/${agent.id}/webhooks`
    const callback = { url: 'https://example.com/back' }
    const webhook = ok(await ada.call('POST', at, { source: 'github', secrets: [SECRET], callback }))
    ok(await ada.call('PATCH', `${at}/${webhook.id}`, { secrets: [`${SECRET}2`] }))
    expect((await newest(`&object=${webhook.id}`)).changes).toEqual([{ pointer: '/secrets' }])
    ok(await ada.call('PATCH', `${at}/${webhook.id}`, { callback: { ...callback, secret: whsec } }))
    expect((await newest(`&object=${webhook.id}`)).changes).toEqual([{ pointer: '/callback/secret' }])
    ok(await ada.call('POST', `${at}/${webhook.id}/callback/rotate`, { grace_seconds: 60 }))
    expect((await newest(`&object=${webhook.id}`)).changes).toEqual([{ pointer: '/secret' }])
    ok(await ada.call('POST', `${at}/${webhook.id}/rotate`))
    expect((await newest(`&object=${webhook.id}`)).changes).toEqual([{ pointer: '/url' }])
    ok(await ada.call('PATCH', `${at}/${webhook.id}`, { name: 'Named' }))
    expect(await pointers(`&object=${webhook.id}`)).toEqual(['/name'])

    const { rows } = await app.database.db.pool.query('select * from bellwire.audit_log')
    expect(JSON.stringify(rows)).not.toContain(SECRET)
  })

  it('is left by each kind of change', async () => {
    const agent = await newAgent('Busy')
    const schedule = ok(
      await ada.call('POST', `/api/agents/${agent.id}/schedules`, { cron: '@daily', name: 'Morning' }),
    )
    ok(await ada.call('PATCH', `/api/agents/${agent.id}/schedules/${schedule.id}`, { cron: '@hourly' }))
    expect(await newest(`&object=${schedule.id}`)).toMatchObject({
      object: { kind: 'schedule', name: 'Morning' },
      changes: [{ pointer: '/cron', before: '@daily', after: '@hourly' }],
    })
    ok(await ada.call('PUT', '/api/budget', { max_cost_usd_per_day: 5 }))
    expect(await newest('&kind=budget')).toMatchObject({
      object: { id: null },
      changes: [{ pointer: '/max_cost_usd_per_day', after: 5 }],
    })
    ok(await ada.call('PUT', '/api/prices/demo%2Fassistant', { input: 1, output: 2 }))
    expect(await newest('&kind=price')).toMatchObject({
      object: { id: 'demo/assistant' },
      changes: [
        { pointer: '/input', after: 1 },
        { pointer: '/output', after: 2 },
      ],
    })
    ok(await ada.call('PUT', '/api/notices', {}))
    ok(await ada.call('PUT', '/api/notices', { max_per_hour: 7 }))
    expect((await newest('&kind=notices')).changes).toEqual([
      { pointer: '/max_per_hour', before: 4, after: 7 },
    ])
    const task = ok(
      await app.call('POST', ok(await ada.call('GET', `/api/agent_webhook?id=${agent.id}`)).webhook_url, {}),
    )
    ok(await ada.call('POST', `/api/tasks/${task.task_id}/cancel`))
    expect(await newest(`&object=${task.task_id}`)).toMatchObject({
      operation: 'cancelTask',
      actor: { name: 'Ada' },
      object: { kind: 'task' },
    })
    ok(await ada.call('POST', `/api/tasks/${task.task_id}/replay`, { writes: 'live' }))
    expect((await newest(`&object=${task.task_id}`)).changes).toContainEqual({
      pointer: '/writes',
      after: 'live',
    })
    ok(await ada.call('DELETE', `/api/agents/${agent.id}?tasks=cancel`))
    expect(await newest(`&object=${agent.id}`)).toMatchObject({
      operation: 'deleteAgent',
      object: { name: 'Busy' },
      changes: expect.arrayContaining([{ pointer: '/name', before: 'Busy' }]),
    })
  })

  it('names the holder of a link', async () => {
    const agent = await newAgent('Linked')
    const { webhook_url: url } = ok(await ada.call('GET', `/api/agent_webhook?id=${agent.id}`))
    const { task_id: id, links } = ok(await app.call('POST', url, {}))
    expect((await fetch(links.cancel, { method: 'POST' })).status).toBe(200)
    expect(await newest(`&object=${id}`)).toMatchObject({
      actor: { type: 'link', id: null, name: 'Task link' },
      operation: 'cancelTask',
    })
    const { url: invitation } = ok(
      await ada.call('POST', '/api/invitations', { email: 'new@example.com', role: 'viewer' }),
    )
    const body = { token: new URL(invitation).hash.slice(1), name: 'New', password: PASSWORD }
    const { user } = ok(await createPerson(app.url).call('POST', '/api/invitations/accept', body))
    expect(await newest(`&object=${user.id}`)).toMatchObject({
      actor: { type: 'link', name: 'Invitation' },
      object: { kind: 'user', name: 'New' },
      outcome: 'done',
    })
  })

  it('is not left by what is refused, and by what changes nothing', async () => {
    const agent = await newAgent('Calm')
    const before = (await entries()).length
    const refused = [
      await ada.call('PATCH', `/api/agents/${agent.id}`, { model: 'unknown/x' }),
      await ada.call('PATCH', `/api/agents/${agent.id}`, { name: 'x' }, { 'if-match': '"7"' }),
      await ada.call('DELETE', '/api/agents/nonsense'),
      await app.call('DELETE', `/api/agents/${agent.id}`, undefined, { authorization: 'Bearer nonsense' }),
      await createPerson(app.url).call('POST', `/api/tasks/${agent.id}/cancel`),
      await createPerson(app.url).call('POST', '/api/invitations/accept', {
        token: 'x',
        name: 'x',
        password: PASSWORD,
      }),
    ]
    expect(refused.map(({ status }) => status)).toEqual([422, 412, 404, 401, 401, 403])
    ok(await ada.call('GET', `/api/agents/${agent.id}`))
    const { rows } = await app.database.db.pool.query('select count(*)::int as n from bellwire.audit_log')
    expect([(await entries()).length, rows[0].n]).toEqual([before, before])
  })
})

it('a change is not made when its entry cannot be written, and one without an outcome shows as unknown', async () => {
  const { pool } = app.database.db
  const agent = await newAgent('Careful')
  await pool.query('alter table bellwire.audit_log rename to audit_log_away')
  const refused = await ada.call('PATCH', `/api/agents/${agent.id}`, { name: 'Careless' })
  await pool.query('alter table bellwire.audit_log_away rename to audit_log')
  expect(refused.status).toBeGreaterThanOrEqual(500)
  expect(ok(await ada.call('GET', `/api/agents/${agent.id}`)).name).toBe('Careful')

  // The entry of a process that died after it had begun a change.
  await pool.query(
    `insert into bellwire.audit_log
        (id, created_at, actor, route, operation, object_kind, object_id, changes, address)
      values ($1, now() - interval '10 minutes', '{"type":"key","id":null,"name":"x"}',
        'PATCH /api/agents/{id}', 'updateAgent', 'agent', 'interrupted', '[]', '127.0.0.1')`,
    ['00000000-0000-7000-8000-000000000001'],
  )
  expect(await newest('&object=interrupted')).toMatchObject({ outcome: 'unknown', changes: [] })
})

describe('the list', () => {
  it('is filtered and paged', async () => {
    const agent = await newAgent('Paged')
    for (const name of ['a', 'b', 'c']) ok(await ada.call('PATCH', `/api/agents/${agent.id}`, { name }))
    const all = await entries(`&object=${agent.id}`)
    expect(all.map(({ object }) => object.name)).toEqual(['c', 'b', 'a', 'Paged'])
    const pages: string[] = []
    let cursor = ''
    do {
      const { body } = await app.call('GET', `/api/audit?limit=3&object=${agent.id}${cursor}`)
      pages.push(...body.data.map((entry: Entry) => entry.id))
      cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`
    } while (cursor !== '')
    expect(pages).toEqual(all.map(({ id }) => id))
    const [third, second] = all
    expect(await entries(`&object=${agent.id}&from=${third?.at}`)).toHaveLength(1)
    expect((await entries(`&object=${agent.id}&to=${second?.at}`)).length).toBe(2)
    expect(await entries('&actor=nobody')).toEqual([])
    expect((await entries(`&actor=${adaId}&kind=agent&object=${agent.id}`)).length).toBe(4)
    expect((await app.call('GET', '/api/audit?from=yesterday')).status).toBe(422)
  })
})

it('a revision names its author', async () => {
  const agent = await newAgent('Authored')
  ok(await app.call('PATCH', `/api/agents/${agent.id}`, { name: 'By key' }))
  const { data } = ok(await ada.call('GET', `/api/agents/${agent.id}/revisions`))
  expect(data.map(({ author }: { author: unknown }) => author)).toEqual([
    { type: 'key', id: expect.any(String), name: 'environment' },
    { type: 'user', id: adaId, name: 'Ada' },
  ])
})
