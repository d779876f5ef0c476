import { createHmac } from 'node:crypto'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type Reply, type TestApp } from './harness/api.ts'

let app: TestApp
let agent: { id: string; url: string }

beforeAll(async () => {
  app = await startTestApp({ BELLWIRE_MAX_BODY_BYTES: '200000' }, { worker: false })
  agent = await app.createAgent()
})
afterAll(() => app?.stop())

/** Creates a webhook of the agent; returns its API path and its URL. */
async function createWebhook(settings: object): Promise<{ id: string; path: string; url: string }> {
  const { status, body } = await app.call('POST', `/api/agents/${agent.id}/webhooks`, settings)
  if (status !== 201) throw new Error(JSON.stringify(body))
  return { id: body.id, path: `/api/agents/${agent.id}/webhooks/${body.id}`, url: body.url }
}

/** Sends bytes as they are. */
async function send(
  url: string,
  body: Buffer | string | FormData,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const { 'content-type': type, ...others } = headers
  const response = await fetch(url, {
    method: 'POST',
    // fetch sets a content type for text.
    body: typeof body === 'string' ? Buffer.from(body) : body,
    headers: type ? headers : others,
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: JSON.parse(text) }
}

async function taskOf({ status, body }: Reply) {
  expect([status, body.message]).toEqual([200, undefined])
  return (await app.call('GET', `/api/tasks/${body.task_id}`)).body
}

const payloadOf = async (reply: Reply): Promise<unknown> => (await taskOf(reply)).payload

/** Calls the agent, and returns the id of the task without waiting for its answer. */
async function ask(idempotencyKey: string, key: string, agentId = agent.id): Promise<string> {
  const response = await fetch(`${app.url}/stream`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${key}`,
      'idempotency-key': idempotencyKey,
    },
    body: JSON.stringify({ question: 'Who?', agent_id: agentId }),
  })
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk)
    const id = /"type":"id","id":"([^"]+)"/.exec(text)?.[1]
    if (id !== undefined) return id
  }
  throw new Error(`no task: ${text}`)
}

async function countTasks(): Promise<number> {
  const { rows } = await app.database.db.pool.query<{ count: number }>(
    'select count(*)::int as count from bellwire.tasks',
  )
  return rows[0]?.count ?? 0
}

async function bodyOf(taskId: string): Promise<Buffer | undefined> {
  const { rows } = await app.database.db.pool.query<{ body: Buffer }>(
    'select body from bellwire.task_bodies where task_id = $1',
    [taskId],
  )
  return rows[0]?.body
}

it('a webhook that does not accept GET lists the methods that it accepts', async () => {
  const { url } = await createWebhook({ methods: ['POST'] })
  expect((await app.call('POST', url, {})).status).toBe(200)
  const { status, body, headers } = await app.call('GET', url)
  expect([status, body.code]).toEqual([405, 'method_not_allowed'])
  expect(headers.get('allow')).toBe('POST, HEAD, OPTIONS')
})

it('a change applies from the next request on here, and soon in other processes', async () => {
  const other = await app.startFrontDoor()
  try {
    const { path, url } = await createWebhook({})
    const elsewhere = url.replace(app.url, other.url)
    expect((await app.call('GET', url)).status).toBe(200)
    expect((await app.call('GET', elsewhere)).status).toBe(200)
    await app.call('PATCH', path, { methods: ['POST'] })
    expect((await app.call('GET', url)).status).toBe(405)
    await expect.poll(async () => (await app.call('GET', elsewhere)).status, { timeout: 2_000 }).toBe(405)
  } finally {
    await other.stop()
  }
})

describe('payloads', () => {
  const json = { name: 'Ada', message: 'It crashes' }
  const text = JSON.stringify(json)

  it.each([
    ['JSON of any name', 'application/vnd.github.v3+json', text, json],
    ['JSON in us-ascii', 'application/json; charset=us-ascii', text, json],
    [
      'JSON in latin1',
      'application/json; charset=iso-8859-1',
      Buffer.from('{"a":"é"}', 'latin1'),
      { a: 'é' },
    ],
    ['JSON in UTF-16', 'application/json; charset=utf-16', Buffer.from('{"a":"é"}', 'utf16le'), { a: 'é' }],
    ['JSON in UTF-16 with its mark', 'application/json', Buffer.from('\ufeff{"a":1}', 'utf16le'), { a: 1 }],
    ['JSON with a byte order mark', 'application/json', `\ufeff${text}`, json],
    ['JSON as text', 'text/plain;charset=UTF-8', text, json],
    ['JSON that says nothing of itself', '', text, json],
    ['JSON that is sent as a form', 'application/x-www-form-urlencoded', text, json],
    [
      'a form',
      'application/x-www-form-urlencoded',
      'name=Ada&tag=a&tag=b+c&empty=',
      { name: 'Ada', tag: ['a', 'b c'], empty: '' },
    ],
    [
      'a form with hostile names',
      'application/x-www-form-urlencoded',
      '__proto__=1&constructor=2',
      JSON.parse('{"__proto__":"1","constructor":"2"}'),
    ],
    [
      'the JSON of a form, as Slack and GitHub send it',
      'application/x-www-form-urlencoded',
      `payload=${encodeURIComponent(text)}`,
      json,
    ],
    [
      'a form that merely has such a field',
      'application/x-www-form-urlencoded',
      'payload=%7B%7D&token=x',
      { payload: '{}', token: 'x' },
    ],
    ['text', 'text/plain', 'It crashes', 'It crashes'],
    ['a number as text', 'text/plain', '42', '42'],
    ['text that only looks like JSON', 'text/plain', '{"a":', '{"a":'],
    ['text in latin1', 'text/plain; charset=latin1', Buffer.from('café', 'latin1'), 'café'],
    ['XML', 'application/xml', '<a>1</a>', '<a>1</a>'],
    ['XML by another name', 'application/soap+xml', '<a>1</a>', '<a>1</a>'],
    ['what is textual', 'application/x-yaml', 'a: 1\n', 'a: 1\n'],
  ])('%s', async (_, type, body, payload) => {
    expect(await payloadOf(await send(agent.url, body, { 'content-type': type }))).toEqual(payload)
  })

  it.each([
    ['nothing', '', {}, {}],
    ['nothing, as JSON', '', { 'content-type': 'application/json' }, {}],
    ['only a query', '?event=ping&a=1&a=2', {}, { event: 'ping', a: ['1', '2'] }],
  ])('%s', async (_, search, headers, payload) => {
    expect(await payloadOf(await send(agent.url + search, '', headers))).toEqual(payload)
  })

  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['identity', (body: string) => Buffer.from(body)],
    ['gzip, br', (body: string) => brotliCompressSync(gzipSync(body))],
  ])('a body in %s', async (encoding, compress) => {
    const headers = { 'content-type': 'application/json', 'content-encoding': encoding }
    const task = await taskOf(await send(agent.url, compress(text), headers))
    expect(task.payload).toEqual(json)
    expect(await bodyOf(task.id)).toBeUndefined()
  })

  it.each([
    ['an encoding that nobody knows', 'compress', text, 415, 'content_encoding_unsupported'],
    ['four encodings over another', 'gzip,gzip,gzip,gzip', text, 415, 'content_encoding_unsupported'],
    ['what is not what it says', 'gzip', text, 400, 'body_invalid'],
    ['what is cut off', 'gzip', gzipSync(text).subarray(0, 20), 400, 'body_invalid'],
    [
      'what is too large when expanded',
      'gzip',
      gzipSync(JSON.stringify('x'.repeat(2_000_000))),
      413,
      'body_too_large',
    ],
    [
      'a small bomb in a bomb',
      'gzip, gzip',
      gzipSync(gzipSync(Buffer.alloc(50_000_000))),
      413,
      'body_too_large',
    ],
  ])('%s is refused', async (_, encoding, body, status, code) => {
    const before = await countTasks()
    const reply = await send(agent.url, body, {
      'content-type': 'application/json',
      'content-encoding': encoding,
    })
    expect([reply.status, reply.body.code]).toEqual([status, code])
    expect(await countTasks()).toBe(before)
  })

  it.each([
    [
      'an image',
      'image/png',
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2]),
      415,
      'content_type_unsupported',
    ],
    ['bytes without a type', '', Buffer.from([0, 1, 2, 3]), 415, 'content_type_unsupported'],
    [
      'a charset that nobody knows',
      'application/json; charset=klingon',
      '{}',
      415,
      'content_type_unsupported',
    ],
    ['text that is not valid in its charset', 'text/plain', Buffer.from([0x61, 0xff]), 400, 'body_invalid'],
    ['broken JSON', 'application/json', '{"a":', 400, 'body_invalid'],
    ['broken JSON without a type', '', '{"a":', 400, 'body_invalid'],
    [
      'a form of too many fields',
      'application/x-www-form-urlencoded',
      'a&'.repeat(20_000),
      400,
      'body_invalid',
    ],
    ['a multipart form without a boundary', 'multipart/form-data', 'x', 400, 'body_invalid'],
    [
      'a multipart form that is cut off',
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1',
      400,
      'body_invalid',
    ],
  ])('%s is refused, with a list of what is accepted', async (_, type, body, status, code) => {
    const before = await countTasks()
    const reply = await send(agent.url, body, { 'content-type': type })
    expect([reply.status, reply.body.code]).toEqual([status, code])
    if (code === 'content_type_unsupported' && !type.includes('charset')) {
      expect(reply.body.detail).toContain('Send JSON')
      expect(reply.headers.get('accept')).toContain('multipart/form-data')
    }
    expect(await countTasks()).toBe(before)
  })

  it('a form with files: its fields, the metadata of the files, and the files in the body', async () => {
    const form = new FormData()
    form.append('name', 'Ada')
    form.append('tag', 'a')
    form.append('tag', 'b')
    form.append('log', new File(['line 1\nline 2'], 'crash.log', { type: 'text/plain' }))
    form.append('shot', new File([new Uint8Array([0x89, 0x50, 0, 0xff])], 'shot.png', { type: 'image/png' }))
    const task = await taskOf(await send(agent.url, form))
    expect(task.payload).toEqual({
      name: 'Ada',
      tag: ['a', 'b'],
      log: { filename: 'crash.log', content_type: 'text/plain', size: 13 },
      shot: { filename: 'shot.png', content_type: 'image/png', size: 4 },
    })
    const body = await bodyOf(task.id)
    const [log, shot] = task.request.attachments.map(({ offset, size }: { offset: number; size: number }) =>
      body?.subarray(offset, offset + size),
    )
    expect(log.toString()).toBe('line 1\nline 2')
    expect([...shot]).toEqual([0x89, 0x50, 0, 0xff])
  })

  it('a multipart form without files is a form, and its lone payload field is JSON', async () => {
    const form = new FormData()
    form.append('payload', text)
    expect(await payloadOf(await send(agent.url, form))).toEqual(json)
    const many = new FormData()
    for (let index = 0; index < 21; index += 1) many.append('f', new File(['x'], 'x.txt'))
    expect((await send(agent.url, many)).body).toMatchObject({ code: 'body_invalid' })
  })

  it('the body is kept only if the payload differs from it', async () => {
    const form = await taskOf(
      await send(agent.url, 'a=1', { 'content-type': 'application/x-www-form-urlencoded' }),
    )
    expect((await bodyOf(form.id))?.toString()).toBe('a=1')
    const plain = await taskOf(await send(agent.url, '\ufeff{"a":1}', { 'content-type': 'application/json' }))
    expect(await bodyOf(plain.id)).toBeUndefined()
  })

  const event = {
    specversion: '1.0',
    id: 'e-1',
    source: '/shop',
    type: 'order.created',
    datacontenttype: 'application/json',
    sequence: 7,
    data: { order: 1024, big: 12345678901234567890n },
  }
  const eventJson = JSON.stringify(event, (_key, value: unknown) =>
    typeof value === 'bigint' ? Number(value) : value,
  ).replace(/12345678901234567000/, '12345678901234567890')

  it('a CloudEvent in structured mode: its data, with its attributes as headers', async () => {
    const type = { 'content-type': 'application/cloudevents+json; charset=utf-8' }
    const reply = await send(agent.url, eventJson, type)
    const task = await taskOf(reply)
    expect(task.request).toMatchObject({
      event: 'order.created',
      headers: { 'ce-id': 'e-1', 'ce-source': '/shop', 'ce-type': 'order.created', 'ce-sequence': '7' },
    })
    const { rows } = await app.database.db.pool.query<{ payload: Buffer }>(
      'select payload from bellwire.tasks where id = $1',
      [task.id],
    )
    expect(rows[0]?.payload.toString()).toBe('{"order":1024,"big":12345678901234567890}')
    const again = await send(agent.url, eventJson, type)
    expect(again.body.task_id).toBe(reply.body.task_id)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
  })

  it('a CloudEvent in binary mode, and one with data in base64', async () => {
    const headers = { 'ce-specversion': '1.0', 'ce-id': 'e-2', 'ce-source': '/shop', 'ce-type': 'order.paid' }
    const binary = await taskOf(
      await send(agent.url, '{"order":1}', { 'content-type': 'application/json', ...headers }),
    )
    expect(binary).toMatchObject({ payload: { order: 1 }, request: { event: 'order.paid' } })
    const encoded = {
      ...event,
      id: 'e-3',
      data: undefined,
      data_base64: Buffer.from('{"b":2}').toString('base64'),
    }
    const reply = await send(agent.url, JSON.stringify(encoded), {
      'content-type': 'application/cloudevents+json',
    })
    expect(await payloadOf(reply)).toEqual({ b: 2 })
  })

  it('a batch of CloudEvents: a task for each', async () => {
    const batch = ['b-1', 'b-2', 'b-3'].map((id, n) => ({ ...event, id, data: { n } }))
    const type = { 'content-type': 'application/cloudevents-batch+json' }
    const { body } = await send(agent.url, JSON.stringify(batch), type)
    expect(body.task_ids).toHaveLength(3)
    expect(body.task_id).toBe(body.task_ids[0])
    for (const [n, id] of body.task_ids.entries()) {
      const task = (await app.call('GET', `/api/tasks/${id}`)).body
      expect(task).toMatchObject({ payload: { n }, request: { headers: { 'ce-id': `b-${n + 1}` } } })
    }
    // An event that was part of a batch is the same when it is sent alone.
    const alone = await send(agent.url, JSON.stringify(batch[1]), {
      'content-type': 'application/cloudevents+json',
    })
    expect(alone.body.task_id).toBe(body.task_ids[1])
    expect((await send(agent.url, '{}', type)).body).toMatchObject({ code: 'body_invalid' })
  })
})

describe('a source', () => {
  const secret = "It's a Secret to Everybody"
  const body = JSON.stringify({ action: 'opened', issue: { html_url: 'https://github.com/a/b/issues/1' } })
  const sign = (text: string, key = secret): string =>
    `sha256=${createHmac('sha256', key).update(text).digest('hex')}`
  const headers = {
    'content-type': 'application/json',
    'x-github-event': 'issues',
    'x-github-hook-id': '7',
    'x-github-delivery': 'd-1',
  }

  it('verifies the sender, reports the result, and recognises a redelivery', async () => {
    const { url } = await createWebhook({ source: 'github', secrets: ['another', secret] })
    const reply = await send(url, body, { ...headers, 'x-hub-signature-256': sign(body) })
    const task = await taskOf(reply)
    expect(task).toMatchObject({
      sender_verified: true,
      request: { event: 'issues', headers: { 'x-github-hook-id': '7' } },
    })
    expect(JSON.stringify(task.request)).not.toContain('sha256=')
    const again = await send(url, body, { ...headers, 'x-hub-signature-256': sign(body) })
    expect([again.body.task_id, again.headers.get('idempotency-replayed')]).toEqual([task.id, 'true'])
  })

  it.each([
    ['no signature', {}, 'signature_missing'],
    ['a wrong one', { 'x-hub-signature-256': sign(body, 'guess') }, 'signature_invalid'],
  ])('refuses %s, and reports the failed check', async (_, more, reason) => {
    const { url } = await createWebhook({ source: 'github', secrets: [secret] })
    const before = await countTasks()
    const reply = await send(url, body, { ...headers, ...more })
    expect([reply.status, reply.body.code, reply.body.reason]).toEqual([401, 'signature_invalid', reason])
    expect(JSON.stringify(reply.body)).not.toContain(sign(body))
    expect(await countTasks()).toBe(before)
  })

  it('reads signed compressed bodies, and applies a changed secret immediately', async () => {
    const { url, path } = await createWebhook({ source: 'github', secrets: [secret] })
    const signed = { ...headers, 'content-encoding': 'gzip', 'x-hub-signature-256': sign(body) }
    expect((await send(url, gzipSync(body), signed)).status).toBe(200)
    await app.call('PATCH', path, { secrets: ['new'] })
    expect((await send(url, gzipSync(body), signed)).status).toBe(401)
  })

  it('answers a handshake after its own check, and starts nothing', async () => {
    const { url } = await createWebhook({ source: 'slack', secrets: [secret] })
    const handshake = JSON.stringify({ type: 'url_verification', challenge: 'c-1' })
    const timestamp = String(Math.floor(Date.now() / 1000))
    const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${handshake}`).digest('hex')
    const before = await countTasks()
    const request = (value: string) =>
      fetch(url, {
        method: 'POST',
        body: handshake,
        headers: {
          'content-type': 'application/json',
          'x-slack-request-timestamp': timestamp,
          'x-slack-signature': `v0=${value}`,
        },
      })
    const answer = await request(signature)
    expect([answer.status, await answer.text()]).toEqual([200, 'c-1'])
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect((await request('0'.repeat(64))).status).toBe(401)
    expect(await countTasks()).toBe(before)
  })

  it('answers a handshake by GET although events come only by POST, and one by OPTIONS', async () => {
    const dropbox = await createWebhook({ source: 'dropbox', secrets: [secret], methods: ['POST'] })
    const asked = await fetch(`${dropbox.url}?challenge=c-2`)
    expect([asked.status, await asked.text()]).toEqual([200, 'c-2'])
    expect((await app.call('GET', dropbox.url)).status).toBe(405)
    const events = await createWebhook({ source: 'cloudevents' })
    const origin = { 'webhook-request-origin': 'events.example' }
    const allowed = await fetch(events.url, { method: 'OPTIONS', headers: origin })
    expect(allowed.headers.get('webhook-allowed-origin')).toBe('events.example')
    expect((await fetch(agent.url, { method: 'OPTIONS', headers: origin })).status).toBe(204)
    expect((await fetch(`${agent.url}x`, { method: 'OPTIONS', headers: origin })).status).toBe(404)
  })

  it('is suggested if it is misspelt', async () => {
    const { status, body: problem } = await app.call('POST', `/api/agents/${agent.id}/webhooks`, {
      source: 'gihub',
    })
    expect([status, problem.errors]).toEqual([
      422,
      [{ pointer: '/source', detail: 'is not a known source; did you mean github?' }],
    ])
  })
})

describe('payload_schema', () => {
  const schema = {
    type: 'object',
    required: ['id', 'lines'],
    properties: {
      id: { type: 'integer' },
      lines: {
        type: 'array',
        items: { type: 'object', properties: { price: { type: 'number', minimum: 0 } } },
      },
    },
    additionalProperties: false,
  }

  it('lists every mismatch', async () => {
    const { url } = await createWebhook({ payload_schema: schema })
    expect((await send(url, '{"id":1,"lines":[]}')).status).toBe(200)
    const before = await countTasks()
    const { status, body } = await send(url, '{"id":"x","lines":[{"price":-1},{"price":"2"}],"more":1}')
    expect([status, body.code]).toEqual([422, 'schema_invalid'])
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer).toSorted()).toEqual([
      '',
      '/id',
      '/lines/0/price',
      '/lines/1/price',
    ])
    const missing = await send(url, '{}')
    expect(missing.body.errors).toEqual([
      { pointer: '/id', detail: 'is missing' },
      { pointer: '/lines', detail: 'is missing' },
    ])
    expect(await countTasks()).toBe(before)
  })

  it('is refused if it is invalid, and unset by null', async () => {
    const { path } = await createWebhook({ payload_schema: schema })
    const wrong = await app.call('PATCH', path, { payload_schema: { type: 'nonsense' } })
    expect([wrong.status, wrong.body.errors[0].pointer]).toEqual([422, '/payload_schema'])
    const unset = await app.call('PATCH', path, { payload_schema: null })
    expect([unset.status, unset.body.payload_schema]).toEqual([200, undefined])
  })

  it('a pattern that takes forever affects no one else', async () => {
    const { url } = await createWebhook({
      payload_schema: { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+(?=b)$' } } },
    })
    const slow = send(url, JSON.stringify({ a: `${'a'.repeat(40)}!` }))
    const begun = performance.now()
    expect((await send(agent.url, '{}')).status).toBe(200)
    expect(performance.now() - begun).toBeLessThan(1_000)
    expect((await slow).status).toBe(422)
  })
})

describe('dedupe', () => {
  it('a key belongs to its webhook: another webhook of the agent does not share it', async () => {
    const [one, two] = [await createWebhook({}), await createWebhook({})]
    const key = { 'idempotency-key': 'order-1024' }
    const first = await send(one.url, '{"n":1}', key)
    const second = await send(two.url, '{"n":2}', key)
    expect(await ask('order-1024', app.adminKey)).not.toBe(first.body.task_id)
    expect(second.body.task_id).not.toBe(first.body.task_id)
    const again = await send(one.url, '{"n":1}', key)
    expect([again.body.task_id, again.headers.get('idempotency-replayed')]).toEqual([
      first.body.task_id,
      'true',
    ])
  })

  it('a key of direct calls belongs to the API key that it was sent with', async () => {
    const { body } = await app.call('POST', '/api/api_keys', {
      name: 'A',
      scope: 'agent',
      agent_id: agent.id,
    })
    const first = await ask('mine', app.adminKey)
    expect(await ask('mine', body.key)).not.toBe(first)
    expect(await ask('mine', app.adminKey)).toBe(first)
    const other = await app.createAgent()
    expect(await ask('mine', app.adminKey, other.id)).not.toBe(first)
  })

  it.each([
    ['header:X-Order', { 'x-order': 'a' }, '{"n":1}', { 'x-order': 'b' }, '{"n":1}'],
    [
      'json:/order/id',
      {},
      '{"order":{"id":12345678901234567890}}',
      {},
      '{"order":{"id":12345678901234567891}}',
    ],
    ['body', {}, '{"n":1}', {}, '{"n":2}'],
  ])('from %s', async (from, headers, body, otherHeaders, otherBody) => {
    const { url } = await createWebhook({ dedupe: { from } })
    const first = await send(url, body, headers)
    const again = await send(url, body, headers)
    const other = await send(url, otherBody, otherHeaders)
    expect([again.status, again.body.task_id]).toEqual([200, first.body.task_id])
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(other.body.task_id).not.toBe(first.body.task_id)
  })

  it('is not applied if the key has no value', async () => {
    const { url } = await createWebhook({ dedupe: { from: 'json:/id' } })
    const ids = [
      await send(url, '{}'),
      await send(url, '{}'),
      await send(url, '{"id":null}'),
      await send(url, '{"id":""}'),
    ]
    expect(new Set(ids.map(({ body }) => body.task_id)).size).toBe(4)
  })

  it('expires', async () => {
    const { url } = await createWebhook({ dedupe: { from: 'body', ttl_seconds: 1 } })
    const first = await send(url, '{"n":1}')
    await expect
      .poll(async () => (await send(url, '{"n":1}')).body.task_id, { timeout: 5_000 })
      .not.toBe(first.body.task_id)
  })

  it('lasts 24 hours for an Idempotency-Key, seven days for an event', async () => {
    const { url } = await createWebhook({ dedupe: { from: 'json:/id' } })
    const event = await send(url, '{"id":1}')
    const key = await send(url, '{"id":2}', { 'idempotency-key': 'k' })
    const { rows } = await app.database.db.pool.query<{ hours: number }>(
      `select round(extract(epoch from expires_at - now()) / 3600)::int as hours from bellwire.dedupe_keys
        where task_id = any($1) order by hours`,
      [[event.body.task_id, key.body.task_id]],
    )
    expect(rows.map(({ hours }) => hours)).toEqual([24, 168])
  })

  it('a key with another payload: the original task, or an error if the webhook is configured so', async () => {
    const { url, path } = await createWebhook({})
    const key = { 'idempotency-key': 'k' }
    const first = await send(url, '{"n":1}', key)
    const original = await send(url, '{"n":2}', key)
    expect([original.status, original.body.task_id]).toEqual([200, first.body.task_id])
    expect(original.headers.get('idempotency-replayed')).toBe('true')
    await app.call('PATCH', path, { on_mismatch: 'reject' })
    const rejected = await send(url, '{"n":2}', key)
    expect([rejected.status, rejected.body.code, rejected.body.task_id]).toEqual([
      422,
      'duplicate_mismatch',
      first.body.task_id,
    ])
    expect((await send(url, '{"n":1}', key)).status).toBe(200)
    const race = await Promise.all(
      [3, 4, 5, 6].map((n) => send(url, `{"n":${n}}`, { 'idempotency-key': 'race' })),
    )
    expect(race.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 422, 422, 422])
  })

  it.each([
    [{ from: 'cookie' }, '/dedupe/from'],
    [{ from: 'header:' }, '/dedupe/from'],
    [{ from: 'json:id' }, '/dedupe/from'],
    [{ from: 'body', ttl: 1 }, '/dedupe/ttl'],
    [{ from: 'body', ttl_seconds: 0 }, '/dedupe/ttl_seconds'],
  ])('refuses %j', async (dedupe, pointer) => {
    const { status, body } = await app.call('POST', `/api/agents/${agent.id}/webhooks`, { dedupe })
    expect([status, body.errors[0].pointer]).toEqual([422, pointer])
  })
})

describe('split', () => {
  it('creates a task for each element, with its own key', async () => {
    const { url } = await createWebhook({ split: true })
    const key = { 'idempotency-key': 'batch' }
    const first = await send(url, '[{"n":1},"two",[3],12345678901234567890]', key)
    expect(first.body.task_ids).toHaveLength(4)
    const { rows } = await app.database.db.pool.query<{ payload: Buffer }>(
      'select payload from bellwire.tasks where id = any($1) order by array_position($1::uuid[], id)',
      [first.body.task_ids],
    )
    expect(rows.map(({ payload }) => payload.toString())).toEqual([
      '{"n":1}',
      '"two"',
      '[3]',
      '12345678901234567890',
    ])
    expect((await bodyOf(first.body.task_id))?.toString()).toContain('"two"')
    const again = await send(url, '[{"n":1},"two",[3],12345678901234567890]', key)
    expect(again.body).toMatchObject({ task_id: first.body.task_id, task_ids: first.body.task_ids })
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    const longer = await send(url, '[{"n":1},"two",[3],12345678901234567890,5]', key)
    expect(longer.headers.get('idempotency-replayed')).toBeNull()
    expect(longer.body.task_ids.slice(0, 4)).toEqual(first.body.task_ids)
  })

  it('at a pointer; anything but a list there is refused', async () => {
    const { url } = await createWebhook({ split: '/data/items' })
    const { body } = await send(url, '{"data":{"items":[1,2]}}')
    expect(body.task_ids).toHaveLength(2)
    const before = await countTasks()
    for (const payload of [
      '{"data":{}}',
      '{"data":{"items":{}}}',
      '{"data":{"items":[]}}',
      `{"data":{"items":[${'1,'.repeat(1_000)}1]}}`,
    ]) {
      const refused = await send(url, payload)
      expect([refused.status, refused.body.code]).toEqual([422, 'split_failed'])
    }
    expect(await countTasks()).toBe(before)
  })

  it('accepts all or none: an element that cannot be stored affects the others', async () => {
    const { url, path } = await createWebhook({ split: true })
    await app.call('PATCH', path, { enabled: false })
    const before = await countTasks()
    expect((await send(url, '[1,2,3]')).status).toBe(404)
    expect(await countTasks()).toBe(before)
  })

  it('does so in long and short bodies, and keeps the original body', async () => {
    const { url } = await createWebhook({ split: '/a~1b/1', dedupe: { from: 'json:/batch' } })
    const long = `{"batch":12345678901234567890,"a\\/b":[0,[ {"n":1.50} , "${'x'.repeat(90_000)}","\\u00e9" ]]}`
    const first = await send(url, long)
    expect(first.body.task_ids).toHaveLength(3)
    const { rows } = await app.database.db.pool.query<{ payload: Buffer }>(
      'select payload from bellwire.tasks where id = any($1) order by array_position($1::uuid[], id)',
      [first.body.task_ids],
    )
    expect(rows.map(({ payload }) => payload.toString().slice(0, 10))).toEqual([
      '{"n":1.50}',
      `"${'x'.repeat(9)}`,
      '"\\u00e9"',
    ])
    expect((await bodyOf(first.body.task_id))?.toString()).toBe(long)
    // The key is the same as for a short body with this value at the pointer.
    const short = await send(url, '{"batch":12345678901234567890,"a/b":[0,[1,2,3]]}')
    expect(short.body.task_ids).toEqual(first.body.task_ids)
    for (const list of ['{}', `"${'x'.repeat(90_000)}"`, `[${'1,'.repeat(1_000)}1]`, '[]']) {
      const refused = await send(url, `{"a/b":[0,${list}],"text":"${'x'.repeat(90_000)}"}`)
      expect([refused.status, refused.body.code]).toEqual([422, 'split_failed'])
    }
  })

  it("gives the events of a batch separate keys, even if the key is the request's", async () => {
    const { url } = await createWebhook({ dedupe: { from: 'body' } })
    const batch = JSON.stringify(
      [1, 2].map((n) => ({ specversion: '1.0', id: `k-${n}`, source: 's', type: 't', data: { n } })),
    )
    const type = { 'content-type': 'application/cloudevents-batch+json' }
    const first = await send(url, batch, type)
    expect(new Set(first.body.task_ids).size).toBe(2)
    const again = await send(url, batch, type)
    expect(again.body.task_ids).toEqual(first.body.task_ids)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
  })

  it('one element is one task, as usual', async () => {
    const { url } = await createWebhook({ split: true })
    const { body } = await send(url, '[{"n":1}]')
    expect(body.task_ids).toEqual([body.task_id])
  })
})

describe('hold', () => {
  it('keeps tasks until they are released or discarded, and shows how many are waiting and since when', async () => {
    const { url, path, id } = await createWebhook({ hold: true })
    const ids: string[] = []
    for (let n = 0; n < 4; n += 1) ids.push((await send(url, `{"n":${n}}`)).body.task_id)
    const held = await app.call('GET', `/api/tasks/${ids[0]}`)
    expect(held.body).toMatchObject({ state: 'PENDING', held: { reason: 'webhook_hold' } })
    const { body } = await app.call('GET', path)
    expect(body.held).toEqual({ count: 4, oldest_at: held.body.created_at })
    const list = await app.call('GET', path.replace(/\/[^/]+$/, ''))
    expect(list.body.data.find((webhook: { id: string }) => webhook.id === id).held.count).toBe(4)

    await app.startWorker()
    try {
      await taskOf(await send(agent.url, '{"question":"Does something run?"}', { prefer: 'wait=20' }))
      expect((await app.call('GET', `/api/tasks/${ids[0]}`)).body.state).toBe('PENDING')
      const one = await app.call('POST', `/api/webhooks/${id}/held/release`, { task_ids: [ids[1]] })
      expect(one.body).toEqual({ task_ids: [ids[1]] })
      const end = await app.call('GET', `/api/task_status?task_id=${ids[1]}&wait=30`)
      expect(end.body.status).toBe('SUCCESS')
      const two = await app.call('POST', `/api/webhooks/${id}/held/discard`, { task_ids: [ids[0], ids[1]] })
      expect(two.body).toEqual({ task_ids: [ids[0]] })
      expect((await app.call('GET', `/api/tasks/${ids[0]}`)).body.state).toBe('CANCELLED')
      const rest = await app.call('POST', `/api/webhooks/${id}/held/release`)
      expect(rest.body).toEqual({ task_ids: [ids[2], ids[3]] })
      for (const taskId of rest.body.task_ids) {
        const settled = await app.call('GET', `/api/task_status?task_id=${taskId}&wait=30`)
        expect(settled.body.status).toBe('SUCCESS')
      }
      expect((await app.call('GET', path)).body.held).toEqual({ count: 0, oldest_at: null })
    } finally {
      await app.stopWorker()
    }
  })

  it('treats a repeated key as the held task', async () => {
    const { url, id } = await createWebhook({ hold: true })
    const first = await send(url, '{}', { 'idempotency-key': 'held' })
    const again = await send(url, '{}', { 'idempotency-key': 'held' })
    expect(again.body.task_id).toBe(first.body.task_id)
    expect((await app.call('POST', `/api/webhooks/${id}/held/discard`)).body.task_ids).toEqual([
      first.body.task_id,
    ])
  })

  it('releases or discards each task once, if both are requested at the same time', async () => {
    const { url, id } = await createWebhook({ hold: true, split: true })
    const payload = JSON.stringify(Array.from({ length: 300 }, (_, n) => n))
    const ids: string[] = (await send(url, payload)).body.task_ids
    const settled = await Promise.all(
      ['release', 'discard', 'release', 'discard'].map(async (verb) => {
        const { status, body } = await app.call('POST', `/api/webhooks/${id}/held/${verb}`)
        expect([status, body]).toEqual([200, { task_ids: expect.any(Array) }])
        return { verb, taskIds: body.task_ids as string[] }
      }),
    )
    expect(settled.flatMap(({ taskIds }) => taskIds).toSorted()).toEqual(ids.toSorted())
    const discarded = settled.flatMap(({ verb, taskIds }) => (verb === 'discard' ? taskIds : []))
    const { rows } = await app.database.db.pool.query<{ id: string }>(
      `select id from bellwire.tasks where id = any($1) and state = 'CANCELLED'`,
      [ids],
    )
    expect(rows.map((row) => row.id).toSorted()).toEqual(discarded.toSorted())
  })

  it.each(['release', 'discard'])('%s settles what a deleted webhook still holds', async (verb) => {
    const { url, path, id } = await createWebhook({ hold: true })
    const { body } = await send(url, '{"question":"Held?"}')
    expect((await app.call('DELETE', path)).status).toBe(204)
    const settled = await app.call('POST', `/api/webhooks/${id}/held/${verb}`)
    expect([settled.status, settled.body]).toEqual([200, { task_ids: [body.task_id] }])
    const again = await app.call('POST', `/api/webhooks/${id}/held/${verb}`)
    expect([again.status, again.body.code]).toEqual([404, 'webhook_not_found'])
  })

  it('of an unknown webhook is not found', async () => {
    for (const id of ['nonsense', '019ab7de-0000-7000-8000-000000000000']) {
      const reply = await app.call('POST', `/api/webhooks/${id}/held/release`)
      expect([reply.status, reply.body.code]).toEqual([404, 'webhook_not_found'])
    }
    const { id } = await createWebhook({})
    const wrong = await app.call('POST', `/api/webhooks/${id}/held/release`, { task_ids: ['x'] })
    expect([wrong.status, wrong.body.errors[0].pointer]).toEqual([422, '/task_ids/0'])
  })
})
