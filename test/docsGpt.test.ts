import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'
import { callTools, fail, say, startModelServer, type ModelServer } from './harness/modelServer.ts'
import { startToolServer, type ToolServer } from './harness/toolServer.ts'

let model: ModelServer
let tools: ToolServer
let app: TestApp

beforeAll(async () => {
  tools = await startToolServer()
  model = await startModelServer(({ body }) => {
    const text = JSON.stringify(body.messages)
    if (text.includes('fail')) return fail(401, 'no such key')
    const isDone = body.messages.some(({ role }) => role === 'tool')
    if (!text.includes('use the tool') || isDone) return say('Done.')
    return callTools([{ name: 'look', arguments: { order: 1024 } }])
  })
  app = await startTestApp({
    BELLWIRE_COMPAT: 'docsgpt',
    LOCAL_MODEL_BASE_URL: model.url,
    BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8',
  })
})
afterAll(async () => {
  await app?.stop()
  await model?.stop()
  await tools?.stop()
})

/** As in DocsGPT's documentation: polls until the task has ended. */
async function poll(taskId: string) {
  for (;;) {
    const { status, body } = await app.call('GET', `/api/task_status?task_id=${taskId}&wait=30`)
    expect(status).toBe(200)
    if (body.status === 'SUCCESS' || body.status === 'FAILURE') return body
  }
}

/** The user's text in the last request to the model. */
function lastMessage(): unknown {
  return model.requests.at(-1)?.body.messages.findLast(({ role }) => role === 'user')?.content
}

describe('a client of DocsGPT', () => {
  it('starts an agent and polls for its result', async () => {
    const agent = await app.createAgent({ model: 'local/m' })
    const started = await app.call('POST', agent.url, { question: 'Hello?' })
    expect(started.body).toMatchObject({ success: true, task_id: expect.any(String) })
    expect(await poll(started.body.task_id)).toEqual({
      status: 'SUCCESS',
      result: {
        status: 'success',
        result: { answer: 'Done.', sources: [], tool_calls: [], thought: '' },
      },
    })
  })

  it('gets tool calls with the names that it expects', async () => {
    const agent = await app.createAgent({
      model: 'local/m',
      tools: [
        {
          type: 'http',
          name: 'look',
          description: '',
          access: 'read',
          method: 'POST',
          url: `${tools.url}/look`,
        },
      ],
    })
    const { body } = await app.call('POST', agent.url, { text: 'use the tool' })
    const { result } = await poll(body.task_id)
    expect(result.result.tool_calls).toEqual([
      expect.objectContaining({
        tool_name: 'look',
        action_name: 'look',
        arguments: { order: 1024 },
        status: 'completed',
      }),
    ])
  })

  it('gets the error of a failed task as text', async () => {
    const agent = await app.createAgent({ model: 'local/m', retry: { max_attempts: 1 } })
    const { body } = await app.call('POST', agent.url, { question: 'fail' })
    expect(await poll(body.task_id)).toEqual({ status: 'FAILURE', result: expect.stringMatching(/\w+/) })
  })

  it('sees an unknown task as pending', async () => {
    for (const id of ['nonsense', '019ab7de-0000-7000-8000-000000000000', 'deduplicated']) {
      const reply = await app.call('GET', `/api/task_status?task_id=${id}`)
      expect(reply).toMatchObject({ status: 200, body: { status: 'PENDING', result: null } })
      expect(reply.headers.get('content-type')).toContain('application/json')
    }
  })

  it('gets the errors that it expects', async () => {
    const agent = await app.createAgent()
    const key = { 'idempotency-key': 'k'.repeat(257) }
    for (const [reply, status, message] of [
      [await app.call('GET', '/api/task_status'), 400, 'Task ID is required'],
      [await app.call('GET', '/api/agent_webhook'), 400, 'ID is required'],
      [await app.call('GET', `/api/agent_webhook?id=${agent.id.replace(/.$/, 'x')}`), 404, 'Agent not found'],
      [await app.call('POST', `${agent.url}x`, {}), 404, 'Agent not found'],
      [await app.call('GET', `${agent.url}x`), 404, 'Agent not found'],
      [
        await app.call('POST', agent.url, {}, key),
        400,
        'Idempotency-Key exceeds maximum length of 256 characters',
      ],
      [await app.call('POST', agent.url, '{"a":'), 400, expect.stringContaining('line 1')],
    ] as const) {
      expect(reply).toMatchObject({ status, body: { success: false, message } })
      expect(Object.keys(reply.body)).toEqual(['success', 'message'])
      expect(reply.headers.get('content-type')).toContain('application/json')
    }
    const denied = await app.call('GET', '/api/agent_webhook?id=1', undefined, { authorization: 'Bearer no' })
    expect(denied).toMatchObject({ status: 401, body: { success: false } })
  })

  it('finds its health check', async () => {
    expect(await app.call('GET', '/api/health')).toMatchObject({ status: 200, body: { status: 'ok' } })
  })
})

describe('the model', () => {
  it.each([
    ['a lone question', '{"question": "Hello?"}'],
    ['an object, with every digit of its numbers', '{"id": 12345678901234567890, "at": {"x": [1]}}'],
    ['a text', '"Hello?"'],
  ])('gets only the webhook payload, as JSON: %s', async (_, text) => {
    const agent = await app.createAgent({ model: 'local/m' })
    const { body } = await app.call('POST', agent.url, text)
    await poll(body.task_id)
    expect(lastMessage()).toBe(text)
  })

  it('gets the query of a GET as JSON', async () => {
    const agent = await app.createAgent({ model: 'local/m' })
    const { body } = await app.call('GET', `${agent.url}?question=Hello`)
    await poll(body.task_id)
    expect(lastMessage()).toBe('{"question":"Hello"}')
  })

  it("gets an agent's template, and direct questions, as usual", async () => {
    const agent = await app.createAgent({ model: 'local/m', message: 'Order {{ payload.order }}' })
    const { body } = await app.call('POST', agent.url, { order: 7 })
    await poll(body.task_id)
    expect(lastMessage()).toBe('Order 7')
    const other = await app.createAgent({ model: 'local/m' })
    await app.call('POST', '/api/answer', { question: 'Hello?', agent_id: other.id })
    expect(lastMessage()).toBe('Hello?')
  })
})

it('all other routes respond as usual', async () => {
  expect((await app.call('GET', '/api/agents/x')).body).toMatchObject({
    code: 'agent_not_found',
    status: 404,
  })
  const document = (await app.call('GET', '/api/openapi.json')).body
  const { responses } = document.paths['/api/task_status'].get
  expect(Object.keys(responses)).not.toContain('404')
  expect(JSON.stringify(responses['200'])).toContain('DocsGptTaskStatus')
})

it('without the setting, none of this applies', async () => {
  const plain = await startTestApp({}, { worker: false })
  try {
    expect((await plain.call('GET', '/api/health')).status).toBe(404)
    expect((await plain.call('GET', '/api/task_status?task_id=nonsense')).status).toBe(404)
  } finally {
    await plain.stop()
  }
})
