import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { signatureHeaders } from '../src/delivery/signature.ts'
import { startTestApp, type TestApp } from './harness/api.ts'
import { startMailServer, type MailServer } from './harness/mailServer.ts'
import { callTools, startModelServer, type ModelServer } from './harness/modelServer.ts'
import { startToolServer, type ToolRequest, type ToolServer } from './harness/toolServer.ts'
import { waitFor } from './harness/waitFor.ts'

let app: TestApp
let provider: ToolServer
let model: ModelServer
let mail: MailServer

beforeAll(async () => {
  provider = await startToolServer()
  model = await startModelServer()
  mail = await startMailServer()
  app = await startTestApp({
    LOCAL_MODEL_BASE_URL: model.url,
    BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8',
    BELLWIRE_SMTP_URL: mail.url,
    BELLWIRE_MAIL_FROM: 'bellwire@example.com',
  })
})
afterAll(async () => {
  await app?.stop()
  await model?.stop()
  await provider?.stop()
  await mail?.stop()
})
beforeEach(async () => {
  provider.reset()
  mail.mails.length = 0
  await app.call('PUT', '/api/notices', {})
  await app.database.db.pool.query('delete from bellwire.notice_messages')
  await app.database.db.pool.query('delete from bellwire.notices')
})

const json = ({ body }: ToolRequest) => JSON.parse(body)

/** One channel of each type. */
const channels = () => [
  { type: 'webhook', url: `${provider.url}/hook/very-secret` },
  { type: 'slack', name: 'Ops', url: `${provider.url}/slack/very-secret` },
  { type: 'teams', url: `${provider.url}/teams/very-secret` },
  { type: 'discord', url: `${provider.url}/discord/very-secret` },
  { type: 'telegram', bot_token: 'very-secret', chat: '@ops', base_url: provider.url },
  { type: 'email', to: 'ops@example.com' },
]

async function save(settings: Record<string, unknown>) {
  const { status, body } = await app.call('PUT', '/api/notices', { group_seconds: 0, ...settings })
  expect(status, JSON.stringify(body)).toBe(200)
  return body
}

/** The provider's response to clients that use its format. */
function answerLikeProviders({ path }: ToolRequest) {
  if (path.startsWith('/slack')) return { body: 'ok' }
  return { body: { ok: true, id: '1' } }
}

/** The request to a path with this prefix. */
const sentTo = (start: string): ToolRequest => {
  const found = provider.requests.find(({ path }) => path.startsWith(start))
  if (!found) throw new Error(`nothing went to ${start}`)
  return found
}

it('a test reaches every channel in its own format, and no secret is shown', async () => {
  provider.handle(answerLikeProviders)
  const saved = await save({ channels: channels() })
  const { body } = await app.call('POST', '/api/notices/test')
  expect(body.data.map(({ type, ok, error }: Record<string, unknown>) => [type, ok, error])).toEqual(
    ['webhook', 'slack', 'teams', 'discord', 'telegram', 'email'].map((type) => [type, true, null]),
  )
  const words = expect.stringContaining('This is a test')
  expect(json(sentTo('/slack'))).toMatchObject({ text: words })
  expect(json(sentTo('/discord'))).toMatchObject({ content: words, allowed_mentions: { parse: [] } })
  expect(json(sentTo('/teams')).attachments[0].content.body[0]).toMatchObject({ text: words })
  expect(json(sentTo('/botvery-secret/sendMessage'))).toMatchObject({ chat_id: '@ops', text: words })
  expect(mail.mails[0]?.raw).toContain('Subject: [Bellwire] This is a test')
  const hook = sentTo('/hook')
  const { secret } = saved.channels[0]
  const expected = signatureHeaders({
    id: String(hook.headers['webhook-id']),
    time: new Date(Number(hook.headers['webhook-timestamp']) * 1000),
    body: Buffer.from(hook.body),
    secrets: [secret],
  })
  expect(hook.headers['webhook-signature']).toBe(expected['webhook-signature'])
  expect(json(hook)).toMatchObject({ type: 'notice.test', data: { title: words } })

  const read = await app.call('GET', '/api/notices')
  expect(read.body.channels.map(({ shown }: { shown: string }) => shown).slice(3)).toEqual([
    new URL(provider.url).host,
    'chat @ops',
    'ops@example.com',
  ])
  expect(JSON.stringify(read.body) + app.logged()).not.toMatch(/very-secret|whsec_/)
  const { rows } = await app.database.db.pool.query('select * from bellwire.notice_channels')
  expect(JSON.stringify(rows)).not.toContain('very-secret')
})

it('a test shows what is wrong with a channel', async () => {
  provider.handle(() => ({ status: 404, body: 'no_service' }))
  const { channels: saved } = await save({ channels: channels().slice(1, 2) })
  const { body } = await app.call('POST', '/api/notices/test', { channel_id: saved[0].id })
  expect(body.data).toEqual([
    {
      channel_id: saved[0].id,
      type: 'slack',
      ok: false,
      status: 404,
      error: 'the provider answered 404: no_service',
    },
  ])
  const none = await app.call('POST', '/api/notices/test', { channel_id: saved[0].id.replace(/.$/, '0') })
  expect([none.status, none.body.code].join()).toMatch(/^(?:404,notice_channel_not_found|200,)$/)
  expect((await app.call('POST', '/api/notices/test', { channel_id: 'x' })).body.code).toBe(
    'notice_channel_not_found',
  )
})

it('a waiting approval is sent once to each channel, although two workers run', async () => {
  provider.handle(answerLikeProviders)
  const second = await app.startAnotherWorker()
  model.handle(() => callTools([{ id: 'p', name: 'pay', arguments: { sum: 10 } }]))
  const { url, id } = await app.createAgent({
    name: 'Paying & more',
    model: 'local/test-model',
    tools: [
      {
        type: 'http',
        name: 'pay',
        description: 'Pays.',
        access: 'write',
        approval: 'always',
        method: 'POST',
        url: provider.url,
        parameters: { type: 'object', properties: { sum: { type: 'integer' } } },
      },
    ],
  })
  await save({ channels: channels() })
  const { body: task } = await app.call('POST', url, { question: 'Pay?' })
  const sent = await waitFor(
    async () => {
      const { body } = await app.call('GET', '/api/notices/sent')
      const [message] = body.data
      return message?.deliveries.every(({ state }: { state: string }) => state === 'delivered') && message
    },
    { deadlineMs: 40_000, what: 'a message in every channel' },
  )
  expect(sent).toMatchObject({
    kind: 'approvals',
    title: 'Paying & more is waiting for approval to call pay',
  })
  expect(sent.notices).toHaveLength(1)
  expect(sent.notices[0]).toMatchObject({
    task_id: task.task_id,
    agent_id: id,
    approval_id: expect.any(String),
  })
  expect(sent.deliveries).toHaveLength(6)
  expect(json(sentTo('/slack')).text).toContain(
    `Paying &amp; more is waiting for approval to call pay\nApprove or answer: ${app.url}/api/approvals/`,
  )
  const { data } = json(sentTo('/hook'))
  const [{ links }] = data.notices
  expect(links.task).toBe(`${app.url}/tasks/${task.task_id}`)
  // Opens it without a key, then decides.
  const page = await app.call('GET', links.approve, undefined, { accept: 'text/html' })
  expect([page.status, String(page.body)]).toEqual([200, expect.stringContaining('pay')])
  expect((await app.call('GET', `/api/tasks/${task.task_id}`)).body.state).toBe('WAITING')
  expect((await app.call('POST', links.deny)).status).toBe(200)
  await second.stop()
  expect(provider.requests).toHaveLength(5)
  expect(mail.mails).toHaveLength(1)
  // The links allow their holder to decide: they are sent, but not listed.
  expect(JSON.stringify(sent)).not.toContain('key=')
})

it('a channel that fails is retried, and does not affect another one', async () => {
  provider.handle(({ path }) => (path.startsWith('/slack') ? { status: 500 } : { body: { ok: true } }))
  const saved = await save({
    channels: channels().slice(0, 2),
    queue_age_minutes: null,
    failures_in_a_row: null,
  })
  await app.database.db.pool.query(
    `insert into bellwire.notices (id, key, kind, title) values (gen_random_uuid(), 'x', 'failures', 'An agent has failed')`,
  )
  const deliveries = await waitFor(
    async () => {
      const { body } = await app.call('GET', '/api/notices/sent?kind=failures')
      const list = body.data[0]?.deliveries
      return (
        list?.every((one: { attempts: number; status: number | null }) => one.attempts === 1 && one.status) &&
        list
      )
    },
    { deadlineMs: 40_000, what: 'both attempts' },
  )
  const of = (index: number) =>
    deliveries.find(({ channel_id: id }: { channel_id: string }) => id === saved.channels[index].id)
  expect(of(0)).toMatchObject({ state: 'delivered', status: 200 })
  expect(of(1)).toMatchObject({ state: 'pending', status: 500, next_attempt_at: expect.any(String) })
  expect((await app.call('GET', '/api/notices/sent?kind=budget')).body.data).toEqual([])
})

it("a channel's response is recorded even if no database can store it, and nobody gets the message again", async () => {
  provider.handle(() => ({ status: 400, body: { ok: false, description: 'chat\0not\ud800found' } }))
  await save({
    channels: channels().filter(({ type }) => type === 'telegram'),
    queue_age_minutes: null,
    failures_in_a_row: null,
  })
  await app.database.db.pool.query(
    `insert into bellwire.notices (id, key, kind, title) values (gen_random_uuid(), 'y', 'failures', 'An agent has failed')`,
  )
  const failed = await waitFor(
    async () => {
      const { body } = await app.call('GET', '/api/notices/sent?kind=failures')
      const one = body.data[0]?.deliveries[0]
      return one?.state === 'failed' && one
    },
    { deadlineMs: 30_000, what: 'a refused message' },
  )
  expect(failed).toMatchObject({ attempts: 1, error: expect.stringContaining('chat\ufffdnot\ufffdfound') })
})

it('a channel keeps its secrets when it is saved with its id', async () => {
  provider.handle(answerLikeProviders)
  const { channels: made } = await save({ channels: channels() })
  const kept = made.map(({ id, type }: { id: string; type: string }) => ({
    id,
    type,
    ...(type === 'telegram' ? { chat: '@new', base_url: provider.url } : {}),
    ...(type === 'email' ? { to: ['new@example.com'] } : {}),
  }))
  const again = await save({ channels: kept })
  expect(again.channels.map(({ id }: { id: string }) => id)).toEqual(made.map(({ id }: { id: string }) => id))
  expect(again.channels[0].secret).toBeUndefined()
  await app.call('POST', '/api/notices/test')
  expect(json(sentTo('/botvery-secret/sendMessage')).chat_id).toBe('@new')
  expect(sentTo('/slack/very-secret')).toBeDefined()
  expect(mail.mails[0]?.to).toEqual(['new@example.com'])
})

it('invalid settings are refused at their field', async () => {
  const { channels: made } = await save({ channels: [{ type: 'slack', url: 'https://hooks.slack.com/x' }] })
  const { id } = made[0]
  for (const [settings, pointer] of [
    [{ channels: [{ type: 'slack' }] }, '/channels/0/url'],
    [{ channels: [{ type: 'slack', url: 'ftp://x' }] }, '/channels/0/url'],
    [{ channels: [{ type: 'webhook', url: 'https://user:word@x.example' }] }, '/channels/0/url'],
    [{ channels: [{ type: 'webhook', url: 'https://x.example', secret: 'short' }] }, '/channels/0/secret'],
    [{ channels: [{ type: 'telegram', chat: '1' }] }, '/channels/0/bot_token'],
    [{ channels: [{ type: 'email', to: 'nobody' }] }, '/channels/0/to'],
    [{ channels: [{ type: 'pigeon' }] }, '/channels/0/type'],
    [{ channels: [{ type: 'teams', id }] }, '/channels/0/type'],
    [{ channels: [{ type: 'slack', id: 'x', url: 'https://x.example' }] }, '/channels/0/id'],
    [
      {
        channels: [
          { type: 'slack', id },
          { type: 'slack', id },
        ],
      },
      '/channels',
    ],
    [{ quiet_hours: { from: '22:00', to: '7:00' } }, '/quiet_hours/to'],
    [{ quiet_hours: { from: '22:00', to: '22:00' } }, '/quiet_hours/to'],
    [{ quiet_hours: { from: '22:00', to: '07:00', time_zone: 'Mars' } }, '/quiet_hours/time_zone'],
    [{ failures_in_a_row: 0 }, '/failures_in_a_row'],
    [{ aprovals: true }, '/aprovals'],
  ] as const) {
    const { status, body } = await app.call('PUT', '/api/notices', settings)
    expect([status, body.errors?.[0]?.pointer], JSON.stringify([settings, body])).toEqual([422, pointer])
  }
  expect((await app.call('GET', '/api/notices')).body.channels).toHaveLength(1)
})

it('a webhook that expects requests has its activity recorded; rejected requests do not count', async () => {
  const { id } = await app.createAgent()
  const path = `/api/agents/${id}/webhooks`
  const { body: webhook } = await app.call('POST', path, { expect_every: '1d', filter: 'payload.n == 1' })
  expect(webhook.expect_every).toBe('1d')
  const { body: signed } = await app.call('POST', path, {
    expect_every: 3600,
    source: 'github',
    secrets: ['s'],
  })
  for (const bad of ['1 day', '0h', '366d', 0, '']) {
    const { status, body } = await app.call('POST', path, { expect_every: bad })
    expect([status, body.errors?.[0]?.pointer], String(bad)).toEqual([422, '/expect_every'])
  }
  await app.call('POST', signed.url, {})
  expect((await app.call('POST', webhook.url, { n: 2 })).body.ignored).toBe(true)
  const rows = await waitFor(
    async () => {
      const found = await app.database.db.pool.query<{ id: string }>(
        `select webhook_id as id from bellwire.webhook_activity where last_at > now() - interval '1 minute'`,
      )
      return found.rows.length > 0 && found.rows
    },
    { deadlineMs: 20_000, what: 'the activity of the webhook' },
  )
  expect(rows).toEqual([{ id: webhook.id }])
})
