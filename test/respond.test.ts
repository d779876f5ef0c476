import { request as sendHttp } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type Reply, type TestApp } from './harness/api.ts'
import { say, startModelServer, type ModelServer } from './harness/modelServer.ts'
import { waitFor } from './harness/waitFor.ts'

let app: TestApp
let model: ModelServer

beforeAll(async () => {
  model = await startModelServer()
  app = await startTestApp({ LOCAL_MODEL_BASE_URL: model.url, BELLWIRE_MAX_FOLLOWERS_PER_CLIENT: '20' })
})
afterAll(async () => {
  await app?.stop()
  await model?.stop()
})
afterEach(() => model.reset())

/** An agent whose webhook has these settings. */
async function agentWith(settings: object, { on = app, agent = {} }: { on?: TestApp; agent?: object } = {}) {
  const { id } = await on.createAgent({ model: 'local/test-model', ...agent })
  const { status, body } = await on.call('POST', `/api/agents/${id}/webhooks`, settings)
  expect(status, JSON.stringify(body)).toBe(201)
  return { id, url: body.url as string, path: `/api/agents/${id}/webhooks/${body.id}` }
}

/** Holds the model's answer until `release` is called. */
function holdModel(text = 'Done.'): { release: () => void } {
  let release = (): void => {}
  const released = new Promise<void>((resolve) => (release = resolve))
  model.handle(async () => {
    await released
    return say(text)
  })
  return { release }
}

const QUESTION = { question: 'How are you?' }

async function ask(url: string, headers: Record<string, string> = {}, body: unknown = QUESTION) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

const stateOf = async (taskId: string) => (await app.call('GET', `/api/tasks/${taskId}`)).body.state

describe('Prefer: wait', () => {
  it('returns the result of a task that ends in time, for a GET as well', async () => {
    const { url } = await agentWith({})
    const posted = await app.call('POST', url, QUESTION, { prefer: 'respond-async, wait=20' })
    expect(posted.body).toMatchObject({
      success: true,
      task_id: expect.any(String),
      links: { status: expect.any(String) },
      status: 'SUCCESS',
      result: { answer: 'echo: How are you?' },
    })
    expect(posted.headers.get('preference-applied')).toBe('wait=20')
    expect(posted.headers.get('vary')).toMatch(/prefer/i)
    const got = await app.call('GET', `${url}?question=Hello%3F`, undefined, { prefer: 'wait=20' })
    expect(got.body).toMatchObject({ status: 'SUCCESS', result: { answer: 'echo: Hello?' } })
  })

  it('returns the task when time runs out, with its status', async () => {
    const { url } = await agentWith({})
    const { release } = holdModel()
    const { status, body } = await app.call('POST', url, QUESTION, { prefer: 'wait=1' })
    release()
    expect(status).toBe(200)
    expect(body).toMatchObject({
      success: true,
      task_id: expect.any(String),
      // A slow machine may not have started it.
      status: expect.stringMatching(/^(?:PENDING|STARTED)$/),
      result: null,
    })
    await waitFor(async () => (await stateOf(body.task_id)) === 'SUCCESS')
  })

  it('of a failed run returns its error, with 200: the trigger has succeeded', async () => {
    const { url } = await agentWith({})
    model.handle(() => ({ kind: 'raw', status: 401, headers: {}, body: '{}' }))
    const { status, body } = await app.call('POST', url, QUESTION, { prefer: 'wait=20' })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      success: true,
      status: 'FAILURE',
      result: { error: { code: 'provider_auth', message: expect.any(String) } },
    })
  })

  it('of a repeated request returns the result of the original', async () => {
    const { url } = await agentWith({})
    const headers = { 'idempotency-key': 'one', prefer: 'wait=20' }
    const first = await app.call('POST', url, QUESTION, headers)
    const second = await app.call('POST', url, QUESTION, headers)
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect(second.body).toEqual({ ...first.body, links: second.body.links })
    expect(model.requests).toHaveLength(1)
  })

  it('works at every front door, for a task that another one accepted', async () => {
    const door = await app.startFrontDoor()
    try {
      const { url } = await agentWith({})
      const { release } = holdModel()
      const there = url.replace(app.url, door.url)
      const headers = { 'idempotency-key': 'doors', prefer: 'wait=60' }
      const first = app.call('POST', url, QUESTION, headers)
      await waitFor(async () => (await countOf(url)) === 1)
      const second = app.call('POST', there, QUESTION, headers)
      await waitFor(() => model.requests.length === 1)
      release()
      const [one, two] = await Promise.all([first, second])
      expect(two.body.task_id).toBe(one.body.task_id)
      expect([one.body.status, two.body.status]).toEqual(['SUCCESS', 'SUCCESS'])
    } finally {
      await door.stop()
    }
  })

  it('makes the task interactive, and so does the webhook; a wait of zero does not', async () => {
    const plain = await agentWith({})
    const waiting = await agentWith({ respond: 'result' })
    const ids: [string, boolean][] = []
    for (const [url, headers, expected] of [
      [plain.url, {}, false],
      [plain.url, { prefer: 'wait=20' }, true],
      [plain.url, { prefer: 'wait=0' }, false],
      [waiting.url, {}, true],
      [waiting.url, { prefer: 'wait=0' }, false],
    ] as const) {
      ids.push([(await app.call('POST', url, QUESTION, headers)).body.task_id, expected])
    }
    const { rows } = await app.database.db.pool.query<{ id: string; interactive: boolean }>(
      'select id, interactive from bellwire.tasks where id = any($1)',
      [ids.map(([id]) => id)],
    )
    expect(new Map(rows.map(({ id, interactive }) => [id, interactive]))).toEqual(new Map(ids))
  })

  it('of a sender that disconnects does not stop the run, and frees its place', async () => {
    const { url } = await agentWith({})
    const { release } = holdModel()
    // More than may wait at the same time.
    const ids: string[] = []
    for (let n = 0; n < 25; n += 1) {
      const before = model.requests.length
      const sent = sendHttp(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', prefer: 'wait=60', 'idempotency-key': `gone-${n}` },
      })
      sent.on('error', () => undefined)
      sent.end(JSON.stringify(QUESTION))
      if (n === 0) await waitFor(() => model.requests.length > before)
      else await waitFor(async () => (await countOf(url)) > n)
      sent.destroy()
    }
    release()
    const { body } = await app.call('POST', url, QUESTION, { prefer: 'wait=30' })
    expect(body.warning).toBeUndefined()
    expect(body.status).toBe('SUCCESS')
    ids.push(body.task_id)
    expect(await countOf(url)).toBe(26)
    await waitFor(async () => (await countOf(url, 'SUCCESS')) === 26, { deadlineMs: 30_000 })
  })

  it('beyond the limit is not applied, and nothing is lost', async () => {
    const { url } = await agentWith({})
    const { release } = holdModel()
    const waiting = Array.from({ length: 20 }, () => app.call('POST', url, QUESTION, { prefer: 'wait=60' }))
    await waitFor(async () => (await countOf(url)) === 20)
    const beyond = await app.call('POST', url, QUESTION, { prefer: 'wait=60' })
    expect(beyond.status).toBe(200)
    expect(beyond.headers.get('preference-applied')).toBeNull()
    expect(beyond.body).toMatchObject({
      task_id: expect.any(String),
      status: expect.stringMatching(/PENDING|STARTED/),
      warning: expect.stringContaining('20 requests from this address are waiting'),
    })
    const polled = await app.call('GET', `${beyond.body.links.status}&wait=30`)
    expect(polled).toMatchObject({ status: 429, body: { code: 'too_many_waiting' } })
    expect(Number(polled.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await app.call('GET', beyond.body.links.status)).status).toBe(200)
    const asked = await app.call('POST', '/api/answer', { ...QUESTION, agent_id: (await agentWith({})).id })
    expect(asked).toMatchObject({ status: 429, body: { code: 'too_many_waiting' } })
    release()
    for (const { body } of await Promise.all(waiting)) expect(body.status).toBe('SUCCESS')
    await waitFor(async () => (await stateOf(beyond.body.task_id)) === 'SUCCESS')
    expect((await app.call('GET', `${beyond.body.links.status}&wait=30`)).body.status).toBe('SUCCESS')
  })

  it('does not wait for a task that is held', async () => {
    const { url } = await agentWith({ hold: true, respond: 'result' })
    const { body, headers } = await app.call('POST', url, QUESTION, { prefer: 'wait=60' })
    expect(body).toMatchObject({ status: 'PENDING', result: null })
    expect(headers.get('preference-applied')).toBeNull()
  })

  it('waits without a connection to the database', async () => {
    const { url } = await agentWith({})
    const { release } = holdModel()
    const waiting = Array.from({ length: 20 }, () => app.call('POST', url, QUESTION, { prefer: 'wait=60' }))
    await waitFor(async () => (await countOf(url)) === 20)
    await waitFor(async () => {
      const { rows } = await app.database.db.pool.query<{ busy: number }>(
        `select count(*)::int as busy from pg_stat_activity where datname = current_database()
          and application_name = 'bellwire api' and state <> 'idle'`,
      )
      return rows[0]?.busy === 0
    })
    release()
    for (const { body } of await Promise.all(waiting)) expect(body.status).toBe('SUCCESS')
  })

  it('ends with the task when the server stops', async () => {
    const other = await startTestApp({}, { worker: false })
    const { url } = await agentWith({}, { on: other, agent: { model: 'demo/assistant' } })
    const waiting = other.call('POST', url, QUESTION, { prefer: 'wait=60' })
    await waitFor(async () => {
      const { rowCount } = await other.database.db.pool.query('select from bellwire.tasks')
      return rowCount === 1
    })
    const stopped = other.stop()
    expect(await waiting).toMatchObject({
      status: 200,
      body: { success: true, status: 'PENDING', result: null },
    })
    await stopped
  })
})

async function countOf(url: string, state = ''): Promise<number> {
  const { rows } = await app.database.db.pool.query<{ count: number }>(
    `select count(*)::int as count from bellwire.tasks t join bellwire.webhook_tokens k on k.webhook_id = t.webhook_id
      where k.hash = sha256(convert_to($1, 'UTF8')) and ($2 = '' or t.state::text = $2)`,
    [url.split('/').at(-1), state],
  )
  return rows[0]?.count ?? 0
}

describe('respond: "result"', () => {
  it('returns the result without a preference', async () => {
    const { url } = await agentWith({ respond: 'result' })
    const { body, headers } = await app.call('POST', url, QUESTION)
    expect(body).toMatchObject({ success: true, status: 'SUCCESS', result: { answer: 'echo: How are you?' } })
    expect(headers.get('preference-applied')).toBeNull()
  })

  it('yields to the preference of a request', async () => {
    const { url } = await agentWith({ respond: 'result' })
    const { release } = holdModel()
    const { body, headers } = await app.call('POST', url, QUESTION, { prefer: 'wait=0' })
    release()
    expect(body).toMatchObject({ status: expect.stringMatching(/PENDING|STARTED/), result: null })
    expect(headers.get('preference-applied')).toBe('wait=0')
  })

  it('with its own wait: an object without a body', async () => {
    const { url } = await agentWith({
      respond: { wait_seconds: 1, status: 202, headers: { Location: '{{ links.status }}' } },
    })
    const { release } = holdModel()
    const { status, headers, body } = await app.call('POST', url, QUESTION)
    release()
    expect(status).toBe(202)
    expect(body).toMatchObject({
      success: true,
      status: expect.stringMatching(/PENDING|STARTED/),
      result: null,
    })
    expect(headers.get('location')).toBe(body.links.status)
  })
})

describe('a custom response', () => {
  const TWIML = {
    wait_seconds: 10,
    headers: { 'Content-Type': 'text/xml' },
    body:
      '<?xml version="1.0"?><Response><Message>' +
      '{% if result.answer %}{{ result.answer | xml_escape }}{% else %}One moment, {{ payload.From }}.{% endif %}' +
      '</Message></Response>',
  }

  it('contains the result, escaped, as Twilio expects it', async () => {
    const { url } = await agentWith({ respond: TWIML })
    model.handle(() => say('Tom & <Jerry>'))
    const { status, headers, text } = await ask(url)
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('text/xml; charset=utf-8')
    expect(text).toBe('<?xml version="1.0"?><Response><Message>Tom &amp; &lt;Jerry&gt;</Message></Response>')
  })

  it("can use a form's payload, and whether the result is ready", async () => {
    const { url } = await agentWith({ respond: { ...TWIML, wait_seconds: 1 } })
    const { release } = holdModel()
    const response = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams({ From: '+4917', Body: 'Hi' }),
    })
    const text = await response.text()
    release()
    expect(text).toContain('<Message>One moment, +4917.</Message>')
  })

  it('is sent immediately without a wait, even to a repeated request', async () => {
    const { url } = await agentWith({
      respond: {
        headers: { 'content-type': 'application/json' },
        body: '{"text": {{ task_id | json }}, "at": {{ links.status | json }}}',
      },
    })
    const { release } = holdModel()
    const first = await ask(url, { 'idempotency-key': 'a' })
    const second = await ask(url, { 'idempotency-key': 'a' })
    release()
    const { text, at } = JSON.parse(first.text)
    expect(at).toBe(`${app.url}/api/task_status?task_id=${text}`)
    expect(second.text).toBe(first.text)
    expect(second.headers.get('idempotency-replayed')).toBe('true')
  })

  it('waits for as long as a request prefers', async () => {
    const { url } = await agentWith({ respond: { body: '{{ status }}: {{ result.answer }}' } })
    const { text, headers } = await ask(url, { prefer: 'wait=20' })
    expect(text).toBe('SUCCESS: echo: How are you?')
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(headers.get('preference-applied')).toBe('wait=20')
  })

  it('of a failed run can use the error', async () => {
    const { url } = await agentWith({
      respond: { wait_seconds: 20, body: '{{ status }} {{ result.error.code }}' },
    })
    model.handle(() => ({ kind: 'raw', status: 401, headers: {}, body: '{}' }))
    expect((await ask(url)).text).toBe('FAILURE provider_auth')
  })

  it('may have no body', async () => {
    const { url } = await agentWith({ respond: { status: 204 } })
    const { status, text } = await ask(url)
    expect([status, text]).toEqual([204, ''])
    expect(await countOf(url)).toBe(1)
  })

  it('is sandboxed: it is not a page of the console', async () => {
    const { url } = await agentWith({
      respond: { headers: { 'content-type': 'text/html' }, body: '<p>{{ payload.name }}</p>' },
    })
    const { headers, text } = await ask(url, {}, { name: '<script>alert(1)</script>' })
    expect(text).toContain('<script>')
    expect(headers.get('content-security-policy')).toContain('sandbox')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('set-cookie')).toBeNull()
  })

  it('is not for requests that start nothing', async () => {
    const { url } = await agentWith({ filter: 'payload.go == true', respond: { body: 'Thanks.' } })
    expect((await ask(url, {}, { go: true })).text).toBe('Thanks.')
    expect(JSON.parse((await ask(url, {}, { go: false })).text)).toMatchObject({
      success: true,
      ignored: true,
      reason: 'filtered',
    })
    const refused = await app.call('POST', url, '{', {})
    expect(refused).toMatchObject({ status: 400, body: { success: false, code: 'body_invalid' } })
  })

  it.each([
    [
      'a body without an end',
      { body: '{% for i in (1..5000000) %}{{ payload }}{% endfor %}' },
      { n: 'x'.repeat(1000) },
    ],
    [
      'too large a body',
      { body: '{% for i in (1..2000) %}{{ payload.n }}{% endfor %}' },
      { n: 'x'.repeat(1000) },
    ],
    [
      'a line break in a header',
      { headers: { 'X-Name': '{{ payload.n }}' }, body: '' },
      { n: 'a\r\nSet-Cookie: b=c' },
    ],
    ['too large a payload', { body: '{{ payload.n }}' }, { n: 'x'.repeat(300_000) }],
  ])('%s gives the usual response with a warning', async (_, respond, payload) => {
    const { url } = await agentWith({ respond })
    const { status, headers, text } = await ask(url, {}, payload)
    expect(status).toBe(200)
    expect(headers.get('set-cookie')).toBeNull()
    expect(headers.get('x-name')).toBeNull()
    const answer = JSON.parse(text)
    expect(answer).toMatchObject({
      success: true,
      task_id: expect.any(String),
      warning: expect.stringContaining("The webhook's response could not be rendered: "),
    })
    expect(await countOf(url)).toBe(1)
  })

  it.each([
    [{ body: '{{ nobody }}' }, '/respond/body', 'there is no variable nobody'],
    [{ body: '{{ secrets.TOKEN }}' }, '/respond/body', 'there is no variable secrets'],
    [{ body: '{% if %}' }, '/respond/body', ''],
    [{ body: '{{ task_id | nonsense }}' }, '/respond/body', 'nonsense'],
    [{ headers: { 'x-a': '{{ oh' } }, '/respond/headers/x-a', ''],
    [{ headers: { 'Content-Length': '3' } }, '/respond/headers/Content-Length', 'is set by Bellwire'],
    [
      { headers: { 'Transfer-Encoding': 'chunked' } },
      '/respond/headers/Transfer-Encoding',
      'is set by Bellwire',
    ],
    [{ headers: { connection: 'close' } }, '/respond/headers/connection', 'is set by Bellwire'],
    [{ headers: { 'Set-Cookie': 'a=b' } }, '/respond/headers/Set-Cookie', 'is set by Bellwire'],
    [
      { headers: { 'Access-Control-Allow-Origin': '*' } },
      '/respond/headers/Access-Control-Allow-Origin',
      'is set by',
    ],
    [
      { headers: { 'Content-Security-Policy': '' } },
      '/respond/headers/Content-Security-Policy',
      'is set by Bellwire',
    ],
    [{ headers: { 'a b': 'c' } }, '/respond/headers/a b', 'is not a valid header name'],
    [{ headers: { 'X-A': '1', 'x-a': '2' } }, '/respond/headers/x-a', 'is there twice'],
    [{ status: 302 }, '/respond/status', 'at most 299'],
    [{ status: 'x' }, '/respond/status', 'must be a'],
    [{ status: 204, body: 'x' }, '/respond/body', 'must be left out'],
    [{ wait_seconds: 61 }, '/respond/wait_seconds', 'at most 60'],
    [{ statuss: 200 }, '/respond/statuss', 'did you mean "status"'],
    ['later', '/respond', ''],
  ])('%j is refused when it is saved', async (respond, pointer, detail) => {
    const { id } = await app.createAgent()
    const { status, body } = await app.call('POST', `/api/agents/${id}/webhooks`, { respond })
    expect(status).toBe(422)
    expect(body.errors).toEqual([{ pointer, detail: expect.stringContaining(detail) }])
  })

  it('is read and changed with the webhook', async () => {
    const { path, url } = await agentWith({ respond: TWIML })
    expect((await app.call('GET', path)).body.respond).toEqual({ status: 200, ...TWIML })
    const changed: Reply = await app.call('PATCH', path, { respond: 'task' })
    expect(changed.body.respond).toBe('task')
    expect(JSON.parse((await ask(url)).text)).toMatchObject({ success: true, task_id: expect.any(String) })
  })
})
