import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'
import { callTools, fail, say, startModelServer, userText, type ModelServer } from './harness/modelServer.ts'
import { startToolServer } from './harness/toolServer.ts'
import { waitFor } from './harness/waitFor.ts'

let model: ModelServer
let app: TestApp
let agent: { id: string; url: string }
let agentKey: string

beforeAll(async () => {
  model = await startModelServer()
  app = await startTestApp({
    LOCAL_MODEL_BASE_URL: model.url,
    BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8',
  })
  agent = await app.createAgent({ model: 'local/test' })
  const key = await app.call('POST', '/api/api_keys', { name: 'k', scope: 'agent', agent_id: agent.id })
  agentKey = key.body.key
})
afterAll(async () => {
  await app?.stop()
  await model?.stop()
})

type StreamEvent = { type: string } & Record<string, unknown>

/** Reads a stream of events, reporting each as it arrives. */
async function readStream(
  body: Record<string, unknown>,
  onEvent: (event: StreamEvent) => void = () => {},
): Promise<StreamEvent[]> {
  const response = await fetch(`${app.url}/stream`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ api_key: agentKey, ...body }),
  })
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const events: StreamEvent[] = []
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1]
      text = text.slice(end + 2)
      if (data === undefined) continue
      const event: StreamEvent = JSON.parse(data)
      events.push(event)
      onEvent(event)
    }
  }
  return events
}

function joined(events: StreamEvent[], type: string): string {
  return events
    .filter((event) => event.type === type)
    .map((event) => String(event[type]))
    .join('')
}

describe('POST /api/answer', () => {
  it('returns the answer, with the key in the body or in the header', async () => {
    const inBody = await app.call('POST', `${app.url}/api/answer`, { question: 'Hello?', api_key: agentKey })
    expect(inBody).toMatchObject({
      status: 200,
      body: { answer: 'echo: Hello?', sources: [], tool_calls: [], thought: '', task_id: expect.any(String) },
    })
    const inHeader = await app.call(
      'POST',
      `${app.url}/api/answer`,
      { question: 'Hello?' },
      {
        authorization: `Bearer ${agentKey}`,
      },
    )
    expect(inHeader.status).toBe(200)
    const admin = await app.call('POST', '/api/answer', { question: 'Hello?', agent_id: agent.id })
    expect(admin.body.answer).toBe('echo: Hello?')
  })

  it('refuses callers without permission', async () => {
    const ask = (body: unknown, key?: string) =>
      app.call('POST', `${app.url}/api/answer`, body, key ? { authorization: `Bearer ${key}` } : {})
    expect(await ask({ question: 'x' })).toMatchObject({ status: 401 })
    expect(await ask({ question: 'x', api_key: 'nonsense' })).toMatchObject({ status: 401 })
    expect(await ask({ question: 'x' }, app.adminKey)).toMatchObject({
      status: 400,
      body: { code: 'parameter_missing' },
    })
    expect(await ask({ question: 'x', agent_id: 'nonsense' }, app.adminKey)).toMatchObject({ status: 404 })
    const other = await app.createAgent()
    expect(await ask({ question: 'x', agent_id: other.id }, agentKey)).toMatchObject({ status: 403 })
    expect(await ask({ api_key: agentKey })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/question' }] },
    })
  })

  it('is 502 with the code of the error when the run fails', async () => {
    model.script(fail(401, 'no such key'))
    const reply = await app.call('POST', `${app.url}/api/answer`, { question: 'x', api_key: agentKey })
    expect(reply).toMatchObject({ status: 502, body: { code: 'provider_auth', task_id: expect.any(String) } })
    const task = await app.call('GET', `/api/tasks/${reply.body.task_id}`)
    expect(task.body).toMatchObject({ state: 'FAILURE', attempt: 1, error: { code: 'provider_auth' } })
  })

  it('retries temporary errors, no sooner than the provider asks', async () => {
    model.script(fail(429, 'slow down', { 'retry-after': '2' }))
    const started = performance.now()
    const reply = await app.call('POST', `${app.url}/api/answer`, { question: 'again?', api_key: agentKey })
    expect(reply.body.answer).toBe('echo: again?')
    expect(performance.now() - started).toBeGreaterThan(1_900)
    const task = await app.call('GET', `/api/tasks/${reply.body.task_id}`)
    expect(task.body).toMatchObject({
      attempt: 2,
      failures: 1,
      attempts: [{ outcome: 'retry', error: { code: 'provider_rate_limited' } }, { outcome: 'succeeded' }],
    })
  })
})

describe('POST /stream', () => {
  it('sends the first words while the model is still writing', async () => {
    const gate = Promise.withResolvers<void>()
    model.script(
      say('one two three', {
        pieces: ['one ', 'two ', 'three'],
        beforePiece: (index) => (index === 2 ? gate.promise : undefined),
      }),
    )
    const seen: StreamEvent[] = []
    const reading = readStream({ question: 'count' }, (event) => seen.push(event))
    await waitFor(() => joined(seen, 'answer').startsWith('one '))
    expect(seen[0]).toEqual({ type: 'id', id: expect.stringMatching(/^[0-9a-f-]{36}$/) })
    expect(seen.some((event) => event.type === 'end')).toBe(false)
    gate.resolve()
    const events = await reading
    expect(joined(events, 'answer')).toBe('one two three')
    expect(events.at(-1)).toEqual({ type: 'end' })
    const status = await app.call('GET', `/api/task_status?task_id=${String(events[0]?.['id'])}`)
    expect(status.body).toMatchObject({ status: 'SUCCESS', result: { answer: 'one two three' } })
  })

  it('sends long answers completely, including repeated pieces', async () => {
    const pieces = Array.from({ length: 400 }, (_, index) => (index % 3 === 0 ? 'ha ' : `${'x'.repeat(50)} `))
    model.script(say(pieces.join(''), { pieces }))
    const events = await readStream({ question: 'laugh' })
    expect(joined(events, 'answer')).toBe(pieces.join(''))
  })

  it('sends reasoning and tool calls', async () => {
    const tools = await startToolServer()
    try {
      const withTool = await app.createAgent({
        model: 'local/test',
        tools: [
          {
            type: 'http',
            name: 'weather',
            description: 'The weather of a city',
            method: 'POST',
            url: `${tools.url}/weather`,
            parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
            access: 'read',
          },
        ],
      })
      model.script(
        callTools([{ id: 'c1', name: 'weather', arguments: { city: 'Oslo' } }]),
        say('It rains.', { reasoning: 'I looked it up.' }),
      )
      const events = await readStream({ question: 'Oslo?', api_key: app.adminKey, agent_id: withTool.id })
      expect(joined(events, 'answer')).toBe('It rains.')
      expect(joined(events, 'thought')).toBe('I looked it up.')
      const calls = events.find((event) => event.type === 'tool_calls')
      expect(calls?.['tool_calls']).toMatchObject([
        { name: 'weather', arguments: { city: 'Oslo' }, result: expect.anything() },
      ])
      const task = await app.call('GET', `/api/tasks/${String(events[0]?.['id'])}`)
      expect(task.body.steps.map((step: { kind: string }) => step.kind)).toEqual(['model', 'tool', 'model'])
      expect(task.body.usage.model_calls).toBe(2)
    } finally {
      await tools.stop()
    }
  })

  it('sends an error and ends', async () => {
    model.script(fail(400, 'what is this'))
    const events = await readStream({ question: 'x' })
    expect(events.slice(-2)).toEqual([
      { type: 'error', error: { code: 'provider_bad_request', message: expect.any(String) } },
      { type: 'end' },
    ])
  })

  it('refuses before it streams', async () => {
    const reply = await app.call('POST', `${app.url}/stream`, { question: 'x', api_key: 'nonsense' })
    expect(reply).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
  })
})

describe('a run with a connected client', () => {
  it('ends immediately when it is cancelled', async () => {
    model.handle(({ body }) => (userText(body).includes('hang') ? { kind: 'hang' } : say('ok')))
    const before = model.requests.length
    const { body } = await app.call('POST', agent.url, { question: 'hang' })
    await waitFor(() => model.requests.length > before)
    expect((await app.call('GET', body.links.status)).body.status).toBe('STARTED')
    const held = app.call('GET', `${body.links.status}&wait=30`)
    await app.call('POST', `/api/tasks/${body.task_id}/cancel`)
    expect((await held).body).toMatchObject({ status: 'FAILURE', result: { error: { code: 'cancelled' } } })
    const again = await app.call('POST', agent.url, { question: 'fine' })
    await app.call('GET', `${again.body.links.status}&wait=30`)
    expect((await app.call('POST', `/api/tasks/${again.body.task_id}/cancel`)).body).toMatchObject({
      status: 409,
      code: 'conflict',
    })
  })
})
