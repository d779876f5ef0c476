import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'
import { waitFor } from './harness/waitFor.ts'

let app: TestApp
let agent: { id: string; url: string }

beforeAll(async () => {
  app = await startTestApp({ BELLWIRE_MAX_BODY_BYTES: '20000' })
  agent = await app.createAgent()
})
afterAll(() => app?.stop())

async function countTasks(): Promise<number> {
  const { rows } = await app.database.db.pool.query<{ count: string }>('select count(*) from bellwire.tasks')
  return Number(rows[0]?.count)
}

describe('a POST', () => {
  it('starts the agent and returns its links', async () => {
    const { status, body, headers } = await app.call('POST', agent.url, { question: 'Who are you?' })
    expect(status).toBe(200)
    expect(body).toMatchObject({ success: true, task_id: expect.stringMatching(/^[0-9a-f-]{36}$/) })
    expect(body.links.status).toBe(`${app.url}/api/task_status?task_id=${body.task_id}`)
    expect(headers.get('idempotency-replayed')).toBeNull()

    const end = await app.call('GET', `${body.links.status}&wait=30`)
    expect(end.body).toMatchObject({
      status: 'SUCCESS',
      result: {
        answer: expect.stringContaining('Who are you?'),
        sources: [],
        tool_calls: [],
        thought: expect.any(String),
      },
    })
  })

  it.each([
    ['broken JSON', '{"a":', {}, 400, 'body_invalid'],
    ['a body that is too large', JSON.stringify('x'.repeat(30_000)), {}, 413, 'body_too_large'],
    [
      'bytes that are no text',
      '\0\x01',
      { 'content-type': 'application/octet-stream' },
      415,
      'content_type_unsupported',
    ],
    [
      'an unknown charset',
      '{}',
      { 'content-type': 'application/json; charset=klingon' },
      415,
      'content_type_unsupported',
    ],
    ['a key that is too long', '{}', { 'idempotency-key': 'k'.repeat(257) }, 400, 'idempotency_key_too_long'],
  ])('with %s is refused and starts nothing', async (_, body, headers, status, code) => {
    const before = await countTasks()
    const reply = await app.call('POST', agent.url, body, headers)
    expect(reply.status).toBe(status)
    expect(reply.headers.get('content-type')).toContain('application/problem+json')
    expect(reply.body).toMatchObject({ code, status, success: false, message: expect.any(String) })
    expect(await countTasks()).toBe(before)
  })

  it('accepts any JSON type', async () => {
    for (const type of [
      'application/json; charset=utf-8',
      'application/cloudevents+json',
      'application/vnd.a.b+json',
    ]) {
      expect((await app.call('POST', agent.url, '[1]', { 'content-type': type })).status).toBe(200)
    }
  })

  it('returns the same task for the same key, quoted or bare', async () => {
    const first = await app.call('POST', agent.url, { n: 1 }, { 'idempotency-key': 'order-1' })
    const second = await app.call('POST', agent.url, { n: 2 }, { 'idempotency-key': '"order-1"' })
    expect(second.body.task_id).toBe(first.body.task_id)
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    const other = await app.createAgent()
    const third = await app.call('POST', other.url, {}, { 'idempotency-key': 'order-1' })
    expect(third.body.task_id).not.toBe(first.body.task_id)
  })

  it('treats an empty key as none', async () => {
    const one = await app.call('POST', agent.url, {}, { 'idempotency-key': '' })
    const two = await app.call('POST', agent.url, {}, { 'idempotency-key': '' })
    expect(one.body.task_id).not.toBe(two.body.task_id)
  })

  it('waits for the result if the caller prefers to', async () => {
    const reply = await app.call('POST', agent.url, { question: 'Hello?' }, { prefer: 'wait=20' })
    expect(reply.body).toMatchObject({
      success: true,
      status: 'SUCCESS',
      result: { answer: expect.any(String) },
    })
    expect(reply.headers.get('preference-applied')).toBe('wait=20')
  })
})

describe('a GET', () => {
  it('makes the query the payload, with lists for repeated keys', async () => {
    const { body } = await app.call('GET', `${agent.url}?a=1&b=2&a=3`)
    const task = await app.call('GET', `/api/tasks/${body.task_id}`)
    expect(task.body.payload).toEqual({ a: ['1', '3'], b: '2' })
    expect(task.body.request).toMatchObject({ method: 'GET', query: { a: ['1', '3'], b: '2' } })
  })

  it('with a NUL character is refused', async () => {
    expect((await app.call('GET', `${agent.url}?a=%00`)).body).toMatchObject({
      code: 'query_invalid',
      status: 400,
    })
  })
})

describe('requests that must not start anything', () => {
  it.each(['OPTIONS', 'PUT', 'PATCH', 'DELETE'])('%s', async (method) => {
    const before = await countTasks()
    const reply = await app.call(method, agent.url)
    expect(reply.status).toBe(method === 'OPTIONS' ? 204 : 405)
    expect(reply.headers.get('allow')).toContain('POST')
    expect(await countTasks()).toBe(before)
  })

  it('an unknown token, in any form', async () => {
    const token = agent.url.split('/').at(-1) ?? ''
    const swapped = token.replace(/[a-zA-Z]/, (letter) =>
      letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
    )
    for (const wrong of ['x', swapped, `${token}x`, token.slice(1), '%00', `${token}%00`, 'x'.repeat(99)]) {
      const reply = await app.call('POST', agent.url.replace(token, wrong), {})
      expect(reply.body).toMatchObject({ status: 404, code: 'webhook_not_found' })
    }
  })

  it('a webhook that is disabled or deleted, from the next request on', async () => {
    const made = await app.createAgent()
    expect((await app.call('POST', made.url, {})).status).toBe(200)
    const list = await app.call('GET', `/api/agents/${made.id}/webhooks`)
    const path = `/api/agents/${made.id}/webhooks/${list.body.data[0].id}`
    expect((await app.call('PATCH', path, { enabled: false })).status).toBe(200)
    expect((await app.call('POST', made.url, {})).status).toBe(404)
    expect((await app.call('PATCH', path, { enabled: true })).status).toBe(200)
    expect((await app.call('POST', made.url, {})).status).toBe(200)
    const rotated = await app.call('POST', `${path}/rotate`, {})
    expect((await app.call('POST', made.url, {})).status).toBe(404)
    expect((await app.call('POST', rotated.body.url, {})).status).toBe(200)
    await app.call('DELETE', `/api/agents/${made.id}?tasks=cancel`)
    expect((await app.call('POST', rotated.body.url, {})).status).toBe(404)
  })
})

describe('the status of a task', () => {
  it('needs a valid id', async () => {
    expect(await app.call('GET', '/api/task_status')).toMatchObject({
      status: 400,
      body: { code: 'parameter_missing' },
    })
    const bad = await app.call('GET', '/api/task_status?task_id=x&wait=soon')
    expect([bad.status, bad.body.code, bad.body.status]).toEqual([422, 'schema_invalid', undefined])
    for (const id of ['nonsense', '019ab7de-0000-7000-8000-000000000000', "'; drop table tasks", '%00']) {
      const reply = await app.call('GET', `/api/task_status?task_id=${id}`)
      expect(reply.status).toBe(404)
      expect(reply.headers.get('content-type')).toContain('application/problem+json')
      expect(reply.body).toMatchObject({
        type: 'urn:bellwire:error:task_not_found',
        code: 'task_not_found',
        success: false,
        message: expect.any(String),
      })
      // Clients read `status` here as the status of a task.
      expect(reply.body).not.toHaveProperty('status')
    }
  })

  it('never shows more than the four states', async () => {
    const slow = await startTestApp({}, { worker: false })
    try {
      const made = await slow.createAgent()
      const { body } = await slow.call('POST', made.url, {})
      expect((await slow.call('GET', body.links.status)).body).toEqual({ status: 'PENDING', result: null })
      const held = slow.call('GET', `${body.links.status}&wait=30`)
      const cancelled = await slow.call('POST', body.links.cancel)
      expect(cancelled.body).toEqual({ task_id: body.task_id, state: 'CANCELLED' })
      expect((await held).body).toEqual({
        status: 'FAILURE',
        result: { error: { code: 'cancelled', message: expect.any(String) } },
      })
    } finally {
      await slow.stop()
    }
  })
})

describe('the links in a response', () => {
  it('work only for their purpose, and a GET cancels nothing', async () => {
    const slow = await startTestApp({}, { worker: false })
    try {
      const made = await slow.createAgent()
      const { body } = await slow.call('POST', made.url, {})
      const { events, cancel } = body.links
      const page = await slow.call('GET', cancel)
      expect(page.body).toContain('Cancel this task?')
      expect((await slow.call('GET', body.links.status)).body.status).toBe('PENDING')
      const wrong = cancel.replace(/key=.*/, `key=${new URL(events).searchParams.get('key')}`)
      expect((await slow.call('POST', wrong)).body).toMatchObject({ status: 403, code: 'link_invalid' })
      expect((await slow.call('POST', cancel.replace(/\?.*/, ''))).status).toBe(401)
      expect((await slow.call('POST', cancel)).status).toBe(200)
      expect((await slow.call('POST', cancel)).status).toBe(200)
    } finally {
      await slow.stop()
    }
  })

  it('can be previewed with HEAD: it responds as to a GET, and changes nothing', async () => {
    const slow = await startTestApp({}, { worker: false })
    try {
      const made = await slow.createAgent()
      const { body } = await slow.call('POST', made.url, {})
      for (const [name, type] of [
        ['status', 'application/json; charset=utf-8'],
        ['events', 'text/event-stream; charset=utf-8'],
        ['cancel', 'text/html; charset=utf-8'],
      ] as const) {
        const head = await slow.call('HEAD', body.links[name])
        expect([name, head.status, head.body]).toEqual([name, 200, ''])
        expect(head.headers.get('content-type')).toBe(type)
      }
      for (const name of ['events', 'cancel']) {
        const wrong = body.links[name].replace(/key=.*/, 'key=wrong')
        expect((await slow.call('HEAD', wrong)).status).toBe(403)
      }
      expect((await slow.call('GET', body.links.status)).body.status).toBe('PENDING')
    } finally {
      await slow.stop()
    }
  })

  it('follow a task from its acceptance to its end, from any event on', async () => {
    const { body } = await app.call('POST', agent.url, { question: 'Hello?' })
    await app.call('GET', `${body.links.status}&wait=30`)
    const all = await fetch(body.links.events, { headers: { 'last-event-id': '0' } })
    expect(all.headers.get('content-type')).toContain('text/event-stream')
    const text = await all.text()
    const ids = [...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]))
    expect(ids).toEqual(ids.map((_, index) => index + 1))
    const states = [...text.matchAll(/^event: state\ndata: (.*)$/gm)].map(
      (match) => JSON.parse(match[1] ?? '').state,
    )
    expect(states).toEqual(['PENDING', 'STARTED', 'SUCCESS'])
    const rest = await fetch(body.links.events, { headers: { 'last-event-id': '2' } })
    expect(await rest.text()).not.toContain('PENDING')
    const none = await fetch(body.links.events, { headers: { 'last-event-id': String(ids.length) } })
    expect(none.status).toBe(204)
  })
})

describe('the database', () => {
  it('may become unavailable and come back: 503 meanwhile, quickly, and nothing lost', async () => {
    const slow = await startTestApp({}, { worker: false })
    try {
      const made = await slow.createAgent()
      await slow.call('POST', made.url, {})
      const { rows } = await slow.database.db.pool.query<{ name: string }>(
        'select current_database() as name',
      )
      const name = rows[0]?.name
      const { pool } = app.database.db
      await pool.query(`alter database ${name} allow_connections false`)
      await pool.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name])
      const replies: Awaited<ReturnType<typeof slow.call>>[] = []
      const times: number[] = []
      // A request that meets a connection while it is being ended cannot know whether its statement was executed.
      await waitFor(async () => {
        const started = performance.now()
        const reply = await slow.call('POST', made.url, {})
        times.push(performance.now() - started)
        replies.push(reply)
        return reply.body.code === 'database_unavailable'
      })
      for (const { status, headers, body } of replies) {
        expect([status, body.code]).toEqual([
          503,
          expect.stringMatching(/^(database_unavailable|not_acknowledged)$/),
        ])
        expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
      }
      expect(Math.max(...times)).toBeLessThan(3_000)
      await pool.query(`alter database ${name} allow_connections true`)
      await waitFor(async () => (await slow.call('POST', made.url, {})).status === 200)
    } finally {
      await slow.stop()
    }
  })
})

it('2,000 malformed requests crash nothing, give no 5xx and affect no valid request among them', async () => {
  const { hostname, port, pathname } = new URL(agent.url)
  const halves = ['{"a":"\ud800"}', '{"a":"\\ud800"}', '{"a":"\\u0000"}', '"\\udfff\\ud800"']
  const bodies: Buffer[] = [
    ...halves.map((text) => Buffer.from(text)),
    Buffer.from([0xff, 0xfe, 0x00]),
    Buffer.from('{"a":1'),
    Buffer.from('['.repeat(9_000)),
    Buffer.from('{"__proto__":{"x":1},"constructor":{"prototype":{}}}'),
    Buffer.from('nul\0l'),
    Buffer.from('{"n":1e999999}'),
    Buffer.from(`{"${'k'.repeat(5_000)}":1}`),
    Buffer.alloc(25_000, 0x20),
    Buffer.alloc(0),
  ]
  const lengths = [undefined, '5', '999999999999']
  const types = ['application/json', 'text/plain', '', 'application/json; charset=utf-16', '\u00ff/x']
  const statuses = new Map<number, number>()
  const note = (status: number): void => void statuses.set(status, (statuses.get(status) ?? 0) + 1)

  function send(index: number): Promise<void> {
    const body = bodies[index % bodies.length] ?? Buffer.alloc(0)
    const length = index % 7 === 0 ? lengths[index % 3] : undefined
    return new Promise((resolve) => {
      const outgoing = request(
        {
          hostname,
          port,
          path: index % 11 === 0 ? `${pathname}?%ff=%00&a=%zz` : pathname,
          method: index % 13 === 0 ? 'GET' : 'POST',
          headers: {
            'content-type': types[index % types.length],
            'content-length': length ?? body.length,
            'idempotency-key':
              index % 17 === 0 ? 'x'.repeat(300) : String.fromCharCode(33 + (index % 90)).repeat(3),
          },
          timeout: 500,
        },
        (response) => {
          note(response.statusCode ?? 0)
          response.resume()
          response.on('close', () => resolve())
        },
      )
      outgoing.on('timeout', () => outgoing.destroy())
      outgoing.on('error', () => resolve())
      outgoing.end(body)
    })
  }

  const good: Promise<{ status: number }>[] = []
  for (let start = 0; start < 2_000; start += 50) {
    const batch = Array.from({ length: 50 }, (_, index) => send(start + index))
    good.push(app.call('POST', agent.url, { good: start }), app.call('POST', agent.url, { good: start + 1 }))
    await Promise.all(batch)
  }
  expect((await Promise.all(good)).map(({ status }) => status)).toEqual(good.map(() => 200))
  expect([...statuses.keys()].filter((status) => status >= 500)).toEqual([])
  expect(statuses.get(400)).toBeGreaterThan(200)
  await waitFor(
    async () => {
      const { rows } = await app.database.db.pool.query<{ state: string; count: string }>(
        `select state, count(*) from bellwire.tasks where state in ('PENDING', 'STARTED') group by state`,
      )
      return rows.length === 0
    },
    { deadlineMs: 60_000 },
  )
  const { rows } = await app.database.db.pool.query(
    `select error::text, count(*) from bellwire.tasks where state = 'FAILURE' group by error::text`,
  )
  expect(rows).toEqual([])
}, 120_000)
