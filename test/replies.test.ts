import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'
import { startMailServer, type MailServer } from './harness/mailServer.ts'
import { startToolServer, type ToolReply, type ToolRequest, type ToolServer } from './harness/toolServer.ts'
import { waitFor } from './harness/waitFor.ts'

let app: TestApp
let provider: ToolServer
let mail: MailServer

beforeAll(async () => {
  provider = await startToolServer()
  mail = await startMailServer()
  app = await startTestApp({
    BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8',
    BELLWIRE_SMTP_URL: mail.url,
    BELLWIRE_MAIL_FROM: 'Bellwire <bellwire@example.com>',
  })
  await app.call('PUT', '/api/secrets/TOKEN', { value: 'very-secret-token' })
  await app.call('PUT', '/api/secrets/HOOK', { value: `${provider.url}/hook/very-secret-path` })
})
afterAll(async () => {
  await app?.stop()
  await provider?.stop()
  await mail?.stop()
})
beforeEach(() => {
  provider.reset()
  mail.mails.length = 0
  mail.answer(undefined)
})

/** An agent whose webhook has a reply. */
async function agentWithReply(reply: Record<string, unknown>, webhook: Record<string, unknown> = {}) {
  const { id } = await app.createAgent()
  const path = `/api/agents/${id}/webhooks`
  const { status, body } = await app.call('POST', path, { name: 'Replying', reply, ...webhook })
  expect(status, JSON.stringify(body)).toBe(201)
  return { id, url: body.url as string, path: `${path}/${body.id}` }
}

async function trigger(url: string, payload: unknown): Promise<string> {
  return (await app.call('POST', url, payload)).body.task_id
}

/** The reply of a task, once it has this state and this many attempts. */
async function replyOf(taskId: string, state: string, attempts = 1) {
  const { id } = await waitFor(
    async () => {
      const { body } = await app.call('GET', `/api/deliveries?task_id=${taskId}`)
      const [reply] = body.data.filter(({ kind }: { kind: string }) => kind === 'reply')
      return reply?.state === state && reply.attempts >= attempts && reply
    },
    { deadlineMs: 30_000, what: `a reply that is ${state}` },
  )
  return waitFor(async () => {
    const read = async () => (await app.call('GET', `/api/deliveries/${id}`)).body
    // The delivery and its attempts are read one after the other.
    return (await read()).attempt_list.length >= attempts && read()
  })
}

async function makeDue(taskId: string): Promise<void> {
  await app.database.db.pool.query(
    `update bellwire.deliveries set due_at = now() where task_id = $1 and state = 'pending'`,
    [taskId],
  )
}

const json = ({ body }: ToolRequest) => JSON.parse(body)

const ask = { question: 'Well?' }

type Case = {
  reply: () => Record<string, unknown>
  payload: unknown
  made: ToolReply
  path: string
  headers?: Record<string, string>
  body: Record<string, unknown>
  /** The id of what was created, as the source finds it in the echo. */
  own?: string[]
}

const answered = expect.stringContaining('Well?')

const CASES: Record<string, Case> = {
  slack_thread: {
    reply: () => ({ to: 'slack_thread', secret: 'TOKEN', base_url: `${provider.url}/slack` }),
    payload: { ...ask, event: { type: 'app_mention', channel: 'C7', ts: '17.5' } },
    made: { body: { ok: true, channel: 'C7', ts: '18.25' } },
    path: '/slack/chat.postMessage',
    headers: { authorization: 'Bearer very-secret-token' },
    body: { channel: 'C7', thread_ts: '17.5', text: answered, unfurl_links: false },
    own: ['18.25'],
  },
  slack_response_url: {
    reply: () => ({ to: 'slack_response_url', url: '{{ payload.response_url }}', visibility: 'ephemeral' }),
    payload: {
      ...ask,
      get response_url() {
        return `${provider.url}/commands/T1/2/3`
      },
    },
    made: { body: 'ok' },
    path: '/commands/T1/2/3',
    body: { response_type: 'ephemeral', text: answered },
  },
  github_comment: {
    reply: () => ({ to: 'github_comment', secret: 'TOKEN', base_url: `${provider.url}/api/v3/` }),
    payload: {
      ...ask,
      repository: { full_name: 'octo/repo.js' },
      issue: { number: 7, comments_url: 'https://evil.example/' },
    },
    made: {
      status: 201,
      body: { id: 99, html_url: 'https://github.com/octo/repo.js/issues/7#issuecomment-99' },
    },
    path: '/api/v3/repos/octo/repo.js/issues/7/comments',
    headers: { authorization: 'Bearer very-secret-token', accept: 'application/vnd.github+json' },
    body: { body: answered },
    own: ['https://github.com/octo/repo.js/issues/7#issuecomment-99', '99'],
  },
  gitlab_comment: {
    reply: () => ({ to: 'gitlab_comment', secret: 'TOKEN', base_url: provider.url }),
    payload: {
      ...ask,
      object_kind: 'note',
      project: { id: 12 },
      object_attributes: {
        url: 'https://gitlab.example/octo/repo/-/merge_requests/3#note_1',
        noteable_type: 'MergeRequest',
      },
      merge_request: { iid: 3 },
    },
    made: { status: 201, body: { id: 30412 } },
    path: '/api/v4/projects/12/merge_requests/3/notes',
    headers: { 'private-token': 'very-secret-token' },
    body: { body: answered },
    own: ['https://gitlab.example/octo/repo/-/merge_requests/3#note_30412', '30412'],
  },
  teams: {
    reply: () => ({ to: 'teams', secret: 'HOOK' }),
    payload: ask,
    made: { status: 202 },
    path: '/hook/very-secret-path',
    body: { type: 'message', attachments: [{ content: { body: [{ type: 'TextBlock', text: answered }] } }] },
  },
  'discord as a bot': {
    reply: () => ({ to: 'discord', secret: 'TOKEN', base_url: `${provider.url}/api/v10` }),
    payload: { ...ask, channel_id: '77', message: { id: '88' } },
    made: { body: { id: '123456789012345678' } },
    path: '/api/v10/channels/77/messages',
    headers: { authorization: 'Bot very-secret-token' },
    body: {
      content: answered,
      allowed_mentions: { parse: [] },
      enforce_nonce: true,
      message_reference: { message_id: '88', fail_if_not_exists: false },
    },
    own: ['123456789012345678'],
  },
  'discord by a channel webhook': {
    reply: () => ({ to: 'discord', secret: 'HOOK' }),
    payload: ask,
    made: { body: { id: '5' } },
    path: '/hook/very-secret-path?wait=true',
    body: { content: answered },
    own: ['5'],
  },
  'discord, an interaction': {
    reply: () => ({ to: 'discord', base_url: provider.url }),
    payload: { ...ask, type: 2, application_id: '42', token: 'very-secret-token', channel_id: '77' },
    made: { body: { id: '6' } },
    path: '/webhooks/42/very-secret-token',
    body: { content: answered },
    own: ['6'],
  },
  telegram: {
    reply: () => ({ to: 'telegram', secret: 'TOKEN', base_url: provider.url }),
    payload: {
      ...ask,
      update_id: 1,
      message: { message_id: 9, chat: { id: -100123 }, message_thread_id: 4 },
    },
    made: { body: { ok: true, result: { message_id: 10 } } },
    path: '/botvery-secret-token/sendMessage',
    body: {
      chat_id: '-100123',
      text: answered,
      message_thread_id: 4,
      reply_parameters: { message_id: 9, allow_sending_without_reply: true },
    },
  },
}

describe.each(Object.entries(CASES))(
  '%s',
  (_name, { reply, payload, made, path, headers = {}, body, own = [] }) => {
    it('gets the answer where the event came from, once, without a secret anywhere', async () => {
      provider.handle(() => made)
      // Demo answers contain the question only if it is alone.
      const agent = await agentWithReply({ text: '{{ payload.question }} {{ result.answer }}', ...reply() })
      const taskId = await trigger(agent.url, payload)
      const sent = await replyOf(taskId, 'delivered')
      expect(provider.requests).toHaveLength(1)
      const [request] = provider.requests
      if (!request) throw new Error('nothing came')
      expect([request.method, request.path]).toEqual(['POST', path])
      expect(request.headers).toMatchObject(headers)
      expect(json(request)).toMatchObject(body)
      expect(sent).toMatchObject({ kind: 'reply', event: 'task.succeeded', attempts: 1, error: null })
      const shown = JSON.stringify([sent, (await app.call('GET', agent.path)).body]) + app.logged()
      expect(shown).not.toContain('very-secret')
      const { rows } = await app.database.db.pool.query<{ count: number }>(
        'select count(*)::int as count from bellwire.own_objects where task_id = $1',
        [taskId],
      )
      expect(rows[0]?.count).toBe(own.length)
    })
  },
)

it('a comment created by a reply does not start the agent again', async () => {
  provider.handle(() => ({ status: 201, body: { id: 991 } }))
  const { url } = await agentWithReply(
    { to: 'gitlab_comment', secret: 'TOKEN', base_url: provider.url },
    { source: 'gitlab' },
  )
  const page = 'https://gitlab.example/o/r/-/issues/7'
  const event = { object_kind: 'issue', project: { id: 1 }, object_attributes: { iid: 7, url: page } }
  await replyOf(await trigger(url, event), 'delivered')
  const note = (id: number) => ({
    object_kind: 'note',
    project: { id: 1 },
    issue: { iid: 7, url: page },
    object_attributes: { url: `${page}#note_${id}` },
  })
  expect((await app.call('POST', url, note(991))).body).toMatchObject({ ignored: true })
  await replyOf(await trigger(url, note(992)), 'delivered')
})

describe('a provider that', () => {
  const slack = () => ({ to: 'slack_thread', secret: 'TOKEN', base_url: provider.url, channel: 'C1' })
  const github = () => ({
    to: 'github_comment',
    secret: 'TOKEN',
    base_url: provider.url,
    repository: 'o/r',
    number: '{{ payload.n }}',
  })
  const telegram = () => ({ to: 'telegram', secret: 'TOKEN', base_url: provider.url, chat: '@ops' })
  const discord = () => ({ to: 'discord', secret: 'TOKEN', base_url: provider.url, channel: '1' })
  const teams = () => ({ to: 'teams', secret: 'HOOK' })

  it.each<[string, () => Record<string, unknown>, ToolReply, string]>([
    ['Slack: not in the channel', slack, { body: { ok: false, error: 'not_in_channel' } }, 'invite the bot'],
    ['Slack: a wrong token', slack, { body: { ok: false, error: 'invalid_auth' } }, 'invalid_auth'],
    [
      'GitHub: forbidden',
      github,
      { status: 403, body: { message: 'Resource not accessible' } },
      'Resource not accessible',
    ],
    ['GitHub: not found', github, { status: 404, body: { message: 'Not Found' } }, 'answered 404'],
    [
      'Telegram: unknown chat',
      telegram,
      { status: 400, body: { ok: false, error_code: 400, description: 'Bad Request: chat not found' } },
      'chat not found',
    ],
    [
      'Telegram: a chat that has moved',
      telegram,
      {
        status: 400,
        body: { ok: false, description: 'upgraded', parameters: { migrate_to_chat_id: -1001 } },
      },
      'the chat is now -1001',
    ],
    [
      'Discord: no access',
      discord,
      { status: 403, body: { message: 'Missing Access', code: 50_001 } },
      'Missing Access',
    ],
    [
      'Teams: too large',
      teams,
      {
        body: 'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 413',
      },
      '413',
    ],
    ['a redirect', github, { status: 302, headers: { location: '/elsewhere' } }, 'answered 302'],
  ])('refuses is not called again. %s', async (_name, reply, answer, error) => {
    provider.handle(() => answer)
    const { url } = await agentWithReply(reply())
    const failed = await replyOf(await trigger(url, { n: 7 }), 'failed')
    expect(failed.error).toContain(error)
    expect(failed.attempts).toBe(1)
    expect(provider.requests).toHaveLength(1)
  })

  it.each<[string, () => Record<string, unknown>, ToolReply, number]>([
    [
      'Slack: 429',
      slack,
      { status: 429, headers: { 'retry-after': '600' }, body: { ok: false, error: 'ratelimited' } },
      600,
    ],
    ['Slack: an error of its own', slack, { body: { ok: false, error: 'internal_error' } }, 5],
    ['Slack: no JSON', slack, { body: '<html>' }, 5],
    [
      'GitHub: 403 with Retry-After',
      github,
      { status: 403, headers: { 'retry-after': '700' }, body: {} },
      700,
    ],
    [
      'GitHub: the hour is used up',
      github,
      {
        status: 403,
        headers: {
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + 3_000),
        },
      },
      2_800,
    ],
    [
      'GitHub: a secondary limit',
      github,
      { status: 403, body: { message: 'You have exceeded a secondary rate limit' } },
      60,
    ],
    [
      'Telegram: 429',
      telegram,
      {
        status: 429,
        body: { ok: false, description: 'Too Many Requests', parameters: { retry_after: 800 } },
      },
      800,
    ],
    [
      'Discord: 429',
      discord,
      { status: 429, body: { message: 'You are being rate limited.', retry_after: 900.5 } },
      900,
    ],
    [
      'Teams: 429 in words',
      teams,
      { body: 'Microsoft Teams endpoint returned HTTP error 429 with ContextId' },
      5,
    ],
    ['no answer at all', github, { cut: true }, 5],
  ])('asks for time is called again later. %s', async (_name, reply, answer, seconds) => {
    provider.handle(({ method }) => (method === 'GET' ? { body: [] } : answer))
    const { url } = await agentWithReply(reply())
    const taskId = await trigger(url, { n: 7 })
    const pending = await replyOf(taskId, 'pending')
    const wait = (Date.parse(pending.next_attempt_at) - Date.now()) / 1000
    expect(wait).toBeGreaterThan(seconds - 20)
    expect(wait).toBeLessThan(seconds * 1.1 + 20)
    const good = { body: { ok: true, id: '1', ts: '1' } }
    provider.handle(({ method }) => (method === 'GET' ? { body: [] } : good))
    await makeDue(taskId)
    await replyOf(taskId, 'delivered', 2)
    const [one, two] = provider.requests.filter(({ method }) => method === 'POST')
    expect(two?.body).toBe(one?.body)
  })

  it('accepted a comment but whose response was lost does not get it twice', async () => {
    let comments: { id: number; body: string }[] = []
    provider.handle(({ method, body }) => {
      if (method === 'GET') return { body: comments }
      comments = [{ id: 5, body: JSON.parse(body).body }]
      return { cut: true }
    })
    const { url } = await agentWithReply(github())
    const taskId = await trigger(url, { n: 7 })
    await replyOf(taskId, 'pending')
    await makeDue(taskId)
    await replyOf(taskId, 'delivered', 2)
    expect(provider.requests.map(({ method }) => method)).toEqual(['POST', 'GET'])
  })
})

it('each task gets one reply from two workers', async () => {
  provider.handle(() => ({ body: { ok: true, ts: '1' } }))
  const second = await app.startAnotherWorker()
  const { url } = await agentWithReply({
    to: 'slack_thread',
    secret: 'TOKEN',
    base_url: provider.url,
    channel: 'C1',
    text: '{{ payload.n }}',
  })
  const tasks = await Promise.all(Array.from({ length: 40 }, (_, n) => trigger(url, { n })))
  await Promise.all(tasks.map((taskId) => replyOf(taskId, 'delivered')))
  const texts = provider.requests.map((request) => Number(json(request).text))
  expect(texts.toSorted((one, other) => one - other)).toEqual(tasks.map((_, n) => n))
  await second.stop()
})

describe('a long answer', () => {
  const telegram = () => ({
    to: 'telegram',
    secret: 'TOKEN',
    base_url: provider.url,
    chat: '1',
    text: '{{ payload.text }}',
  })

  it('becomes several messages in order; an attempt continues where the last one failed', async () => {
    let refused = false
    provider.handle(() => {
      if (provider.requests.length === 2 && !refused) {
        refused = true
        return { status: 500 }
      }
      return { body: { ok: true } }
    })
    const { url } = await agentWithReply(telegram())
    const text = Array.from({ length: 200 }, (_, n) => `Line ${n} of a text that is long.`).join('\n\n')
    const taskId = await trigger(url, { text })
    await replyOf(taskId, 'pending')
    await makeDue(taskId)
    const sent = await replyOf(taskId, 'delivered', 2)
    const texts = provider.requests.map((request) => json(request).text as string)
    expect(texts.length).toBe(3)
    expect(texts[2]).toBe(texts[1])
    expect(`${texts[0]}\n\n${texts[1]}`).toBe(text)
    expect(JSON.parse(sent.body).messages).toHaveLength(2)

    provider.reset()
    await app.call('POST', `/api/deliveries/${sent.id}/resend`)
    await replyOf(taskId, 'delivered', 3)
    expect(provider.requests).toHaveLength(2)
  })
})

describe('the text', () => {
  it('is escaped where the markup requires it, and only in values', async () => {
    provider.handle(() => ({ body: { ok: true, ts: '1' } }))
    const { url } = await agentWithReply({
      to: 'slack_thread',
      secret: 'TOKEN',
      base_url: provider.url,
      channel: 'C1',
      text: '<@{{ payload.user }}> {{ payload.text }}',
    })
    await replyOf(await trigger(url, { user: 'U1', text: '<!channel> **hi** & bye' }), 'delivered')
    expect(json(provider.requests[0] as ToolRequest).text).toBe('<@U1> &lt;!channel&gt; *hi* &amp; bye')
  })

  it('contains no commands that its author did not write', async () => {
    provider.handle(() => ({ status: 201, body: { id: 1 } }))
    const { url } = await agentWithReply({
      to: 'gitlab_comment',
      secret: 'TOKEN',
      base_url: provider.url,
      project: 'group/project',
      issue: '7',
      text: '/label ~answered\n{{ payload.text }}',
    })
    await replyOf(await trigger(url, { text: '/close\nSee\n  /assign @me\n1/2' }), 'delivered')
    expect(provider.requests[0]?.path).toBe('/api/v4/projects/group%2Fproject/issues/7/notes')
    expect(json(provider.requests[0] as ToolRequest).body).toMatch(
      /^\/label ~answered\n\\\/close\nSee\n {2}\\\/assign @me\n1\/2\n\n<!-- msg_/,
    )
  })

  it('is that of the failure if failures are replied to, and nothing otherwise', async () => {
    provider.handle(() => ({ body: { ok: true, ts: '1' } }))
    const agents = await Promise.all(
      [['success', 'failure'], ['success']].map(async (on) => {
        const { id } = await app.createAgent()
        const { body } = await app.call('POST', `/api/agents/${id}/webhooks`, {
          reply: { to: 'slack_thread', secret: 'TOKEN', base_url: provider.url, channel: 'C1', on },
        })
        return { id, url: body.url as string }
      }),
    )
    await app.stopWorker()
    const tasks = await Promise.all(agents.map(({ url }) => trigger(url, ask)))
    await app.database.db.pool.query(
      `update bellwire.tasks set state = 'FAILURE', error = '{"code":"model_error","message":"It broke."}' where id = any($1::uuid[])`,
      [tasks],
    )
    await app.startWorker()
    await replyOf(tasks[0] ?? '', 'delivered')
    expect(json(provider.requests[0] as ToolRequest).text).toBe(
      'This request could not be completed (model_error).',
    )
    expect((await app.call('GET', `/api/deliveries?task_id=${tasks[1]}`)).body.data).toEqual([])
  })

  it('is not sent if it is empty', async () => {
    const { url } = await agentWithReply({
      to: 'teams',
      secret: 'HOOK',
      text: '{% if payload.loud %}{{ result.answer }}{% endif %}',
    })
    const sent = await replyOf(await trigger(url, {}), 'delivered')
    expect(sent.attempt_list[0].response).toContain('nothing was sent')
    expect(provider.requests).toEqual([])
  })
})

describe('text that no database or URL can hold', () => {
  const broken = 'a\0b\ud800'

  it("in a provider's response is still recorded, and the message is not sent again", async () => {
    const { url } = await agentWithReply({
      to: 'slack_thread',
      secret: 'TOKEN',
      base_url: provider.url,
      channel: 'C1',
    })
    provider.handle(() => ({ body: { ok: true, ts: broken } }))
    const made = await replyOf(await trigger(url, ask), 'delivered')
    provider.handle(() => ({ body: { ok: false, error: broken } }))
    const refused = await replyOf(await trigger(url, ask), 'failed')
    expect([made.attempts, refused.attempts]).toEqual([1, 1])
    expect(refused.error).toBe('Slack refused the message: a\ufffdb\ufffd')
  })

  it('in a place from a payload is not retried forever', async () => {
    provider.handle(() => ({ status: 404, body: { message: '404 Project Not Found' } }))
    const { url } = await agentWithReply({ to: 'gitlab_comment', secret: 'TOKEN', base_url: provider.url })
    const taskId = await trigger(url, { project: { id: broken }, issue: { iid: 3 } })
    expect((await replyOf(taskId, 'failed')).error).toContain('404')
  })
})

describe('the payload', () => {
  it('never decides where a token is sent', async () => {
    const reply = { to: 'github_comment', secret: 'TOKEN', base_url: provider.url }
    const { url } = await agentWithReply(reply)
    for (const full_name of ['../../x', 'a/b/../../c', 'o/..', 'evil.example/x?', '//evil.example']) {
      const taskId = await trigger(url, { repository: { full_name }, issue: { number: 1 } })
      expect((await replyOf(taskId, 'failed')).error).toContain('owner/name')
    }
    const slack = await agentWithReply({ to: 'slack_response_url' })
    const taskId = await trigger(slack.url, { response_url: `${provider.url}/x` })
    expect((await replyOf(taskId, 'failed')).error).toContain('not on hooks.slack.com')
    expect(provider.requests).toEqual([])
  })

  it('may lack a place; a fixed setting and a resend send the reply', async () => {
    provider.handle(() => ({ body: { ok: true, ts: '1' } }))
    const reply = { to: 'slack_thread', secret: 'TOKEN', base_url: provider.url }
    const { url, path } = await agentWithReply(reply)
    const taskId = await trigger(url, {})
    const failed = await replyOf(taskId, 'failed')
    expect(failed.error).toBe('the payload has no channel; set channel in the reply')
    await app.call('PATCH', path, { reply: { ...reply, channel: '#ops' } })
    await app.call('POST', `/api/deliveries/${failed.id}/resend`)
    await replyOf(taskId, 'delivered', 2)
    expect(json(provider.requests[0] as ToolRequest)).toMatchObject({ channel: '#ops' })
  })
})

describe('email', () => {
  const email = {
    to: 'email',
    address: '{{ payload.from }}',
    subject: 'Re: {{ payload.subject }}',
    text: '{{ payload.text }}',
  }

  it('is sent to the address from the template, as one mail with one id', async () => {
    const { url } = await agentWithReply({ ...email, in_reply_to: '{{ payload.id }}' })
    const taskId = await trigger(url, {
      from: 'Ada <ada@example.com>',
      subject: 'Help\r\nBcc: eve@example.com',
      text: 'Gern geschehen, Änne.',
      id: '<1@example.com>',
    })
    const sent = await replyOf(taskId, 'delivered')
    expect(mail.mails).toHaveLength(1)
    const [{ raw, to, from } = { raw: '', to: [''], from: '' }] = mail.mails
    expect([to, from]).toEqual([['ada@example.com'], 'bellwire@example.com'])
    expect(raw).toContain('Subject: Re: Help Bcc: eve@example.com')
    expect(raw).not.toMatch(/^Bcc:/m)
    expect(raw).toContain('In-Reply-To: <1@example.com>')
    expect(raw).toContain(`Message-ID: <${sent.id}@example.com>`)
    expect(sent.url).toBe('mailto:Ada <ada@example.com>')
  })

  it.each([
    [{ code: 451, message: 'Try later' }, 'pending'],
    [{ code: 550, message: 'No such mailbox' }, 'failed'],
  ])('to which the server responds %o is %s', async (refusal, state) => {
    mail.answer(refusal)
    const { url } = await agentWithReply(email)
    const taskId = await trigger(url, { from: 'ada@example.com', text: 'x' })
    const reply = await replyOf(taskId, state)
    expect(reply.error).toContain(refusal.message)
    expect(reply.attempt_list[0].status).toBe(refusal.code)
  })

  it('is not sent to an invalid address, or to several', async () => {
    const { url } = await agentWithReply(email)
    for (const from of ['nobody', 'a@example.com, b@example.com', 'a@example.com;b@example.com', '']) {
      const taskId = await trigger(url, { from, text: 'x' })
      await replyOf(taskId, 'failed')
    }
    expect(mail.mails).toEqual([])
  })
})

it('invalid settings are refused at their field', async () => {
  const { id } = await app.createAgent()
  for (const [reply, pointer, detail] of [
    [{ to: 'slack_thread', secret: 'NONE' }, '/reply/secret', 'PUT /api/secrets/NONE'],
    [{ to: 'slack_thread' }, '/reply/secret', ''],
    [{ to: 'teams', secret: 'HOOK', text: '{{ resul.answer }}' }, '/reply/text', 'result'],
    [{ to: 'teams', secret: 'HOOK', text: '{{ secrets.HOOK }}' }, '/reply/text', 'secrets'],
    [{ to: 'telegram', secret: 'TOKEN', chat: '{{ payload.x' }, '/reply/chat', 'not closed'],
    [{ to: 'github_comment', secret: 'TOKEN', base_url: 'ftp://x' }, '/reply/base_url', 'http'],
    [{ to: 'pigeon' }, '/reply/to', ''],
    [{ to: 'teams', secret: 'HOOK', on: [] }, '/reply/on', ''],
    [{ to: 'teams', secret: 'HOOK', channel: 'x' }, '/reply/channel', 'known'],
  ] as const) {
    const { status, body } = await app.call('POST', `/api/agents/${id}/webhooks`, { reply })
    expect([status, body.errors?.[0]?.pointer], JSON.stringify([reply, body])).toEqual([422, pointer])
    expect(body.errors[0].detail).toContain(detail)
  }
})
