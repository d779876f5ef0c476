import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'
import { toolTexts, waitForCallbacks } from './harness/callbackModel.ts'
import { callTools, say, startModelServer, type ModelServer } from './harness/modelServer.ts'
import { waitFor } from './harness/waitFor.ts'

let model: ModelServer
let app: TestApp
let other: { url: string; stop(): Promise<void> }
/** The URLs that the model received last. */
let urls: string[] = []

const remember = (given: { url: string }[]): void => void (urls = given.map(({ url }) => url))

beforeAll(async () => {
  model = await startModelServer()
  app = await startTestApp({ LOCAL_MODEL_BASE_URL: model.url })
  other = await app.startFrontDoor()
})

beforeEach(() => {
  model.reset()
  urls = []
  model.handle(waitForCallbacks({ onUrls: remember }))
})

afterAll(async () => {
  await other?.stop()
  await app?.stop()
  await model?.stop()
})

async function start(config: object = {}): Promise<string> {
  const agent = await app.createAgent({
    model: 'local/test',
    tools: [{ type: 'builtin', name: 'wait_for_callback' }],
    ...config,
  })
  return (await app.call('POST', agent.url, { question: 'Build it.' })).body.task_id
}

function reach(taskId: string, state: string) {
  return waitFor(
    async () => {
      const { body } = await app.call('GET', `/api/tasks/${taskId}`)
      return body.state === state && body
    },
    { what: `the state ${state}`, deadlineMs: 20_000 },
  )
}

/** A task that is waiting for its callback. */
async function waiting(config: object = {}) {
  const taskId = await start(config)
  const task = await reach(taskId, 'WAITING')
  return { taskId, task, url: urls[0] ?? '' }
}

/** Calls a URL as an outside system does: without a key. */
async function call(url: string, init: RequestInit = {}) {
  const response = await fetch(url, { method: 'POST', ...init })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: parse(text) }
}

// oxlint-disable-next-line typescript/no-explicit-any -- a parsed answer, of which a test knows the form
function parse(text: string): any {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const asJson = (value: unknown): RequestInit => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
})

/** The last tool result that was sent to the model. */
function told(): string | undefined {
  return toolTexts(model.requests.at(-1)?.body ?? { model: '', messages: [] }).at(-1)
}

type StepView = { name: string; state: string; input: unknown; output: Record<string, unknown> }

function stepsOf(task: { steps: StepView[] }, name: string): StepView[] {
  return task.steps.filter((step) => step.name === name)
}

describe('a run that waits for a callback', () => {
  it('uses no process, and continues with the call, through another front door and on another worker', async () => {
    const { taskId, task, url } = await waiting()
    expect(url).toMatch(new RegExp(`^${app.url}/api/callbacks/[\\w-]{56}$`))
    const [wait] = task.waiting_for
    expect(task.waiting_for).toEqual([
      {
        kind: 'callback',
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        step: 1,
        key: expect.stringMatching(/^tool\/1\/wait_for_callback\//),
        since: expect.any(String),
        until: expect.any(String),
      },
    ])
    expect(Date.parse(wait.until) - Date.parse(wait.since)).toBe(86_400_000)
    expect(task.approvals).toEqual([])
    expect((await app.call('GET', '/api/approvals')).body.data).toEqual([])
    expect(stepsOf(task, 'wait_for_callback')).toMatchObject([{ state: 'started' }])
    const token = url.split('/').at(-1) ?? ''
    expect(JSON.stringify(task)).not.toContain(token)

    await app.stopWorker()
    const elsewhere = url.replace(app.url, other.url)
    const received = await call(
      `${elsewhere}?build=7&tag=a&tag=b`,
      asJson({ ok: true, id: '12345678901234567890' }),
    )
    expect(received).toMatchObject({ status: 200, body: { success: true, received_at: expect.any(String) } })
    expect((await app.call('GET', `/api/tasks/${taskId}`)).body).toMatchObject({
      state: 'STARTED',
      waiting_for: [],
    })
    await app.startWorker()
    const done = await reach(taskId, 'SUCCESS')
    expect(done.result.tool_calls[1].result).toEqual({
      received_at: received.body.received_at,
      content_type: 'application/json',
      query: { build: '7', tag: ['a', 'b'] },
      body: { ok: true, id: '12345678901234567890' },
    })
    expect(done.attempts.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['paused', 'succeeded'])
    expect(model.requests).toHaveLength(3)
    expect(told()).toMatch(/output of the tool wait_for_callback\.\nIt comes from an external source/)
    expect(app.logged()).not.toContain(token)
  })

  it('gets a call that arrived before it waits', async () => {
    model.handle(
      waitForCallbacks({
        async onUrls(given) {
          remember(given)
          await call(given[0]?.url ?? '', asJson('early'))
        },
      }),
    )
    const done = await reach(await start(), 'SUCCESS')
    expect(done.attempt).toBe(1)
    expect(done.result.tool_calls[1].result).toMatchObject({ body: 'early' })
  })

  it('continues without it when time runs out; a call after the end gets 410', async () => {
    model.handle(waitForCallbacks({ timeoutSeconds: 0.2, onUrls: remember }))
    const taskId = await start()
    const done = await reach(taskId, 'SUCCESS')
    expect(done.result.tool_calls[1].result).toEqual({ timed_out: true })
    expect(await call(urls[0] ?? '', asJson('late'))).toMatchObject({
      status: 410,
      body: { code: 'callback_url_ended' },
    })
  })

  it('waits for several at the same time, each with its own timeout', async () => {
    model.handle(waitForCallbacks({ count: 3, onUrls: remember }))
    const { taskId } = await waiting()
    const [first = '', second = '', third = ''] = urls
    expect((await call(second, asJson(2))).status).toBe(200)
    expect((await call(first, asJson(1))).status).toBe(200)
    expect((await app.call('GET', `/api/tasks/${taskId}`)).body.waiting_for).toHaveLength(1)
    expect((await call(third, { body: 'three', headers: { 'content-type': 'text/plain' } })).status).toBe(200)
    const done = await reach(taskId, 'SUCCESS')
    const bodies = done.result.tool_calls
      .slice(3)
      .map(({ result }: { result: { body: unknown } }) => result.body)
    expect(bodies).toEqual([1, 2, 'three'])
  })

  it('keeps waiting when one of them times out', async () => {
    let round = 0
    model.handle(async (request) => {
      const reply = await waitForCallbacks({ count: 2, onUrls: remember })(request)
      if (reply.kind !== 'message' || reply.toolCalls?.[0]?.name !== 'wait_for_callback') return reply
      const toolCalls = reply.toolCalls.map((one) => ({
        ...one,
        arguments: { ...Object(one.arguments), timeout_seconds: round++ === 0 ? 0.2 : 3_600 },
      }))
      return { ...reply, toolCalls }
    })
    const { taskId } = await waiting()
    const left = await waitFor(async () => {
      const { waiting_for: waits } = (await app.call('GET', `/api/tasks/${taskId}`)).body
      return waits.length === 1 && waits[0]
    })
    expect(Date.parse(left.until) - Date.parse(left.since)).toBe(3_600_000)
    await call(urls[1] ?? '', asJson('second'))
    const done = await reach(taskId, 'SUCCESS')
    expect(done.result.tool_calls.slice(2).map(({ result }: { result: object }) => result)).toMatchObject([
      { timed_out: true },
      { body: 'second' },
    ])
    const { body } = await app.call('GET', `/api/tasks/${taskId}/events`, undefined, { 'last-event-id': '0' })
    const events = [...String(body).matchAll(/^id: (\d+)\nevent: (\w+)\ndata: (.*)$/gm)].map(
      ([, number, type, data]) => ({ number: Number(number), type, data: JSON.parse(data ?? '') }),
    )
    const numbers = events.map(({ number }) => number)
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
    expect(events.filter(({ type }) => type === 'callback').map(({ data }) => data.state)).toEqual([
      'timed_out',
      'called',
    ])
    expect(String(body)).not.toContain(urls[0]?.split('/').at(-1))
  })

  it('gets an error for an id that is not its own', async () => {
    const { task } = await waiting()
    const [{ id: foreign }] = task.waiting_for
    for (const id of [foreign, 'nonsense']) {
      model.handle(({ body }) =>
        toolTexts(body).length > 0
          ? say('All done.')
          : callTools([{ name: 'wait_for_callback', arguments: { id } }]),
      )
      const done = await reach(await start(), 'SUCCESS')
      expect(done.result.tool_calls[0].error).toMatch(/^There is no callback URL with this id/)
    }
  })
})

describe('a replay', () => {
  async function replay(taskId: string, writes: string): Promise<string> {
    const { status, body } = await app.call('POST', `/api/tasks/${taskId}/replay`, { writes })
    expect(status).toBe(200)
    return body.task_id
  }

  it('from the record gets the recorded call, without a new one', async () => {
    const { taskId, url } = await waiting()
    await call(url, asJson('first'))
    const { result } = await reach(taskId, 'SUCCESS')
    const again = await reach(await replay(taskId, 'recorded'), 'SUCCESS')
    expect(again.result.tool_calls).toEqual(result.tool_calls)
  })

  it('that is live creates a new URL', async () => {
    const { taskId, url } = await waiting()
    await call(url, asJson('first'))
    await reach(taskId, 'SUCCESS')
    const again = await replay(taskId, 'live')
    await reach(again, 'WAITING')
    expect(urls[0]).not.toBe(url)
    await call(urls[0] ?? '', asJson('second'))
    expect((await reach(again, 'SUCCESS')).result.tool_calls[1].result.body).toBe('second')
  })

  it('that continues a cancelled wait keeps waiting for the existing URL', async () => {
    const { taskId, url } = await waiting()
    await app.call('POST', `/api/tasks/${taskId}/cancel`)
    expect((await call(url, asJson('too early'))).status).toBe(410)
    const again = await replay(taskId, 'continue')
    const task = await reach(again, 'WAITING')
    expect(task.waiting_for).toHaveLength(1)
    expect((await call(url, asJson('now'))).status).toBe(200)
    expect((await reach(again, 'SUCCESS')).result.tool_calls[1].result.body).toBe('now')
    expect(model.requests).toHaveLength(3)
  })
})

describe('a callback URL', () => {
  it('counts once: the same call again is acknowledged, another one is refused', async () => {
    const { taskId, url } = await waiting()
    const first = await call(url, asJson({ paid: 1 }))
    const again = await call(url, asJson({ paid: 1 }))
    expect([first.status, again.status]).toEqual([200, 200])
    expect(again.body).toEqual(first.body)
    expect([first, again].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true'])
    const another = await call(url, asJson({ paid: 2 }))
    expect(another).toMatchObject({
      status: 409,
      body: { code: 'callback_url_used', received_at: first.body.received_at },
    })
    const done = await reach(taskId, 'SUCCESS')
    expect(done.result.tool_calls[1].result.body).toEqual({ paid: 1 })
    // The sender may not have received the first response, but that call counted.
    expect((await call(url, asJson({ paid: 1 }))).status).toBe(200)
    expect((await call(url, asJson({ paid: 2 }))).status).toBe(409)
  })

  it('accepts one of many racing calls, at two front doors', async () => {
    const { taskId, url } = await waiting()
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, n) =>
        call(n % 2 ? url : url.replace(app.url, other.url), asJson({ n })).then((answer) => ({
          ...answer,
          n,
        })),
      ),
    )
    const won = answers.filter(({ status }) => status === 200)
    expect(won).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(23)
    const done = await reach(taskId, 'SUCCESS')
    expect(done.result.tool_calls[1].result.body).toEqual({ n: won[0]?.n })
    expect(done.attempt).toBe(2)
  })

  it.each<[string, RequestInit, object]>([
    ['nothing', {}, {}],
    ['a form', { body: new URLSearchParams({ a: '1' }) }, { body: { a: '1' } }],
    ['XML', { body: '<a/>', headers: { 'content-type': 'application/xml' } }, { body: '<a/>' }],
    ['JSON without a type', { body: new Blob(['{"a":[1]}']) }, { body: { a: [1] } }],
    [
      'a form with a file',
      { body: formWithFile() },
      { body: { note: 'x', file: { filename: 'a.txt', size: 3 } } },
    ],
    // The journal has the text as it was received; in a result, PostgreSQL could not read it.
    ['text with NUL', asJson('a\u0000b'), { body: 'a\ufffdb' }],
  ])('accepts %s', async (_what, init, result) => {
    const { taskId, url } = await waiting()
    expect((await call(url, init)).status).toBe(200)
    const done = await reach(taskId, 'SUCCESS')
    expect(done.result.tool_calls[1].result).toMatchObject({ received_at: expect.any(String), ...result })
  })

  it('keeps the digits of long numbers', async () => {
    const { taskId, url } = await waiting()
    const headers = { 'content-type': 'application/json' }
    expect((await call(url, { body: '{"n":12345678901234567890}', headers })).status).toBe(200)
    await reach(taskId, 'SUCCESS')
    expect(told()).toContain('"n":12345678901234567890')
  })

  it('shows the model the beginning of a long body', async () => {
    const { taskId, url } = await waiting()
    const text = 'x'.repeat(100_000)
    expect((await call(url, { body: text, headers: { 'content-type': 'text/plain' } })).status).toBe(200)
    const { result } = (await reach(taskId, 'SUCCESS')).result.tool_calls[1]
    expect(result.body).toBe('x'.repeat(65_536))
    expect(result.note).toMatch(/the first 65536 of 100000 characters/)
  })

  it.each<[string, RequestInit, number, string]>([
    ['broken JSON', { body: '{', headers: { 'content-type': 'application/json' } }, 400, 'body_invalid'],
    [
      'bytes that are no text',
      { body: Buffer.from([0, 1, 2, 255]), headers: { 'content-type': 'application/pdf' } },
      415,
      'content_type_unsupported',
    ],
    [
      'too much',
      { body: 'x'.repeat(1024 * 1024 + 1), headers: { 'content-type': 'text/plain' } },
      413,
      'body_too_large',
    ],
  ])('is not used up by %s', async (_what, init, status, code) => {
    const { taskId, url } = await waiting()
    expect(await call(url, init)).toMatchObject({ status, body: { code } })
    expect((await call(url, asJson('right'))).status).toBe(200)
    expect((await reach(taskId, 'SUCCESS')).result.tool_calls[1].result.body).toBe('right')
  })

  it('is not used up by previews: GET shows a page, whose button calls it', async () => {
    const { taskId, url } = await waiting()
    for (const method of ['HEAD', 'OPTIONS', 'GET']) {
      const { status } = await call(`${url}?ok=yes`, { method })
      expect([200, 204]).toContain(status)
    }
    const page = await call(`${url}?ok=yes`, { method: 'GET' })
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/)
    expect(page.text).toContain('<form method="post">')
    expect((await app.call('GET', `/api/tasks/${taskId}`)).body.state).toBe('WAITING')
    const button = await call(`${url}?ok=yes`, {
      headers: { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect([button.status, button.text]).toEqual([200, expect.stringContaining('Done')])
    const done = await reach(taskId, 'SUCCESS')
    expect(done.result.tool_calls[1].result).toEqual({
      received_at: expect.any(String),
      query: { ok: 'yes' },
    })
    expect(await call(url, { method: 'GET' })).toMatchObject({
      status: 409,
      text: expect.stringContaining('Already called'),
    })
  })

  it('ends with its task: 410 after a cancellation, and after the task was deleted', async () => {
    const { taskId, url } = await waiting()
    await app.call('POST', `/api/tasks/${taskId}/cancel`)
    expect(await call(url)).toMatchObject({ status: 410, body: { code: 'callback_url_ended' } })
    expect((await app.call('DELETE', `/api/tasks/${taskId}`)).status).toBe(204)
    expect(await call(url)).toMatchObject({ status: 410, body: { code: 'callback_url_ended' } })
    expect((await call(url, { method: 'GET' })).status).toBe(410)
    const { rows } = await app.database.db.pool.query(
      'select 1 from bellwire.callback_urls where task_id = $1',
      [taskId],
    )
    expect(rows).toEqual([])
  })

  it('that is unknown gets 404, and guesses are counted', async () => {
    const { url } = await waiting()
    const guess = `${url.slice(0, -1)}${url.endsWith('A') ? 'B' : 'A'}`
    for (const init of [{}, { method: 'GET' }, asJson(1)]) {
      const { status, body } = await call(guess, init)
      expect([status, body.code]).toEqual([404, 'callback_url_not_found'])
    }
    expect((await call(guess, { method: 'HEAD' })).status).toBe(404)
    for (let guesses = 0; guesses < 60; guesses += 1) await call(`${app.url}/api/callbacks/guess${guesses}`)
    const refused = await call(guess)
    expect([refused.status, refused.body.code]).toEqual([429, 'rate_limited'])
    expect((await call(url)).status).toBe(200)
  })
})

function formWithFile(): FormData {
  const form = new FormData()
  form.set('note', 'x')
  form.set('file', new File(['abc'], 'a.txt', { type: 'text/plain' }))
  return form
}
