import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startAgentApp, type AgentApp } from './harness/agentApp.ts'
import type { TestApp } from './harness/api.ts'
import { callTools, fail, say, type ChatRequest, type ModelServer } from './harness/modelServer.ts'
import { waitFor } from './harness/waitFor.ts'
import { startMcpServer } from './harness/mcpServer.ts'
import type { ToolServer } from './harness/toolServer.ts'

let bench: AgentApp
let model: ModelServer
let tools: ToolServer
let app: TestApp

beforeAll(async () => {
  bench = await startAgentApp()
  ;({ app, model, tools } = bench)
})

beforeEach(() => {
  bench.reset()
})

afterAll(() => bench?.stop())

const ID = '1234567890123456789'

type Part = { type: string; text?: string; id?: string; name?: string; arguments?: unknown; result?: unknown }
type Input = {
  system: string | null
  messages: { role: string; content: Part[] }[]
  tools: { name: string; description: string | null; parameters: unknown }[]
  settings: Record<string, unknown>
}

function lookUp() {
  return {
    type: 'http',
    name: 'look_up',
    description: 'Looks an order up.',
    access: 'read',
    url: `${tools.url}/orders/{{ id }}`,
    parameters: { type: 'object', properties: { id: { type: 'integer' } } },
  }
}

/** Runs an agent to its end, and returns the id of the task. */
async function run(config: Record<string, unknown>, body: unknown = { question: 'Go on' }): Promise<string> {
  const agent = await app.createAgent({ model: 'local/test', ...config })
  const { body: triggered } = await app.call('POST', agent.url, body, { prefer: 'wait=30' })
  return triggered.task_id
}

/** A step as text: parsing would lose digits. */
async function readStep(taskId: string, key: string): Promise<string> {
  const response = await fetch(`${app.url}/api/tasks/${taskId}/steps/${encodeURIComponent(key)}`, {
    headers: { authorization: `Bearer ${app.adminKey}` },
  })
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toMatch(/^application\/json/)
  return response.text()
}

/** A step's messages, and those that the model server received, in one form. */
type Line = { role: string; text: unknown; calls: unknown[] }

function flat(input: Input): Line[] {
  return [
    ...(input.system === null ? [] : [{ role: 'system', text: input.system, calls: [] }]),
    ...input.messages.flatMap(({ role, content }): Line[] =>
      role === 'tool'
        ? content.map(({ result }) => ({ role, text: result, calls: [] }))
        : [
            {
              role,
              text: content.map(({ type, text }) => (type === 'text' ? text : '')).join(''),
              calls: content.filter(({ type }) => type === 'tool_call').map(({ name }) => name),
            },
          ],
    ),
  ]
}

function flatRequest({ messages }: ChatRequest): Line[] {
  return messages.map(({ role, content, tool_calls: calls = [] }) => ({
    role,
    text: content ?? '',
    calls: calls.map(({ function: { name } }) => name),
  }))
}

describe('a model call shows what was sent', () => {
  it('in every step: calls, unknown tools, errors, an empty answer, a cut answer, and a second try', async () => {
    tools.handle(({ path }) => (path.endsWith('/1') ? { status: 500, body: 'no' } : { body: { path } }))
    model.script(
      callTools([{ name: 'look_up', arguments: `{"id":${ID}}` }], { reasoning: 'Hm.', text: 'Looking.' }),
      callTools([
        { name: 'look_up', arguments: { id: 1 } },
        { name: 'made up!', arguments: {} },
      ]),
      callTools([{ name: 'look_up', arguments: { id: 'x' } }]),
      say('{"total":', { finishReason: 'length' }),
      say('"twelve"}'),
      say('{"total":12}'),
    )
    const taskId = await run(
      {
        instructions: 'Add up for {{ payload.name }}.',
        tools: [lookUp()],
        output_schema: {
          type: 'object',
          properties: { total: { type: 'number' }, notes: { type: 'array' } },
        },
      },
      { name: 'Ada', token: 'bw_admin_0123456789abcdef' },
    )
    const { body: task } = await app.call('GET', `/api/tasks/${taskId}`)
    expect(task.state).toBe('SUCCESS')
    const keys = task.steps
      .filter(({ kind }: { kind: string }) => kind === 'model')
      .map(({ key }: { key: string }) => key)
    expect(keys).toHaveLength(6)
    expect(model.requests).toHaveLength(6)

    for (const [index, key] of keys.entries()) {
      const step = JSON.parse(await readStep(taskId, key))
      expect(step).toMatchObject({ key, kind: 'model', state: 'done', input_source: 'replayed' })
      const request = model.requests[index]?.body
      if (!request) throw new Error('there was no such request')
      const sent = JSON.stringify(flatRequest(request)).replaceAll(
        'bw_admin_0123456789abcdef',
        'bw_admin_***',
      )
      expect(flat(step.input)).toEqual(JSON.parse(sent))
      expect(step.input.tools).toEqual(
        request.tools?.map(({ function: { name, description, parameters } }) => ({
          name,
          description,
          parameters,
        })),
      )
    }
    expect(await readStep(taskId, 'model/1')).toContain(`"arguments":{"id":${ID}}`)
    const { input } = JSON.parse(await readStep(taskId, 'model/0')) as { input: Input }
    expect(input.system).toContain('Add up for Ada.')
    // The schema in the prompt is the completed one.
    expect(input.system).toContain('"notes":{"type":"array","items":{}}')
    expect(input.settings).toEqual({ tool_choice: 'auto' })
    const last = JSON.parse(await readStep(taskId, 'model/5')) as { input: Input }
    expect(last.input.settings).toMatchObject({ tool_choice: 'none' })
    expect(tools.requests).toHaveLength(2)
  })

  it('if it failed, with the response', async () => {
    model.script(
      callTools([{ name: 'look_up', arguments: { id: 2 } }]),
      fail(503, 'overloaded'),
      say('Done.'),
    )
    const taskId = await run({ tools: [lookUp()], retry: { max_attempts: 2 } })
    const { body: task } = await app.call('GET', `/api/tasks/${taskId}`)
    expect(task.steps.map(({ key }: { key: string }) => key)).toContain('model/1/failed/1')
    const failed = JSON.parse(await readStep(taskId, 'model/1/failed/1'))
    expect(failed).toMatchObject({
      state: 'failed',
      input_source: 'replayed',
      output: { error: { code: 'provider_unavailable' }, received: { status: 503 } },
      finished_at: expect.any(String),
    })
    const request = model.requests[1]?.body
    expect(request && flatRequest(request)).toEqual(flat(failed.input))
    expect(model.requests).toHaveLength(3)
  })

  it('with the schema among the settings, if the model gets it there', async () => {
    model.script(say('{"list":[]}'))
    const taskId = await run({
      output_schema: { type: 'object', properties: { list: { type: 'array' } } },
    })
    const { input } = JSON.parse(await readStep(taskId, 'model/0')) as { input: Input }
    expect(input.settings['response_format']).toMatchObject({
      type: 'json',
      schema: { properties: { list: { type: 'array', items: {} } } },
    })
  })

  it('with images from tools, as this model gets them', async () => {
    const data = Buffer.from('a picture of a cat').toString('base64')
    const server = await startMcpServer([
      { name: 'look', call: () => ({ content: [{ type: 'image', data, mimeType: 'image/png' }] }) },
    ])
    try {
      const inputs = []
      for (const ref of ['local/qwen2.5-vl', 'local/blind']) {
        model.script(callTools([{ name: 'garden_look', arguments: {} }]), say('A cat.'))
        const taskId = await run({ model: ref, tools: [{ type: 'mcp', name: 'garden', url: server.url }] })
        const step = JSON.parse(await readStep(taskId, 'model/1'))
        expect(step.input_source).toBe('replayed')
        inputs.push(step.input)
      }
      const [seeing, blind] = inputs
      expect(seeing.messages.at(-1)).toMatchObject({ role: 'user' })
      expect(JSON.stringify(seeing.messages.at(-1))).toContain(data)
      expect(blind.messages.at(-1)).toMatchObject({ role: 'tool' })
      expect(JSON.stringify(blind.messages.at(-1))).toContain('cannot see images')
    } finally {
      await server.stop()
    }
  })

  it("after a person's decision, and for an agent that was deleted since", async () => {
    model.script(callTools([{ name: 'pay', arguments: `{"id":${ID}}` }]), say('Denied, then.'))
    const pay = { ...lookUp(), name: 'pay', method: 'POST', access: 'write', approval: 'always' }
    const agent = await app.createAgent({ model: 'local/test', tools: [pay] })
    const { body: triggered } = await app.call('POST', agent.url, { question: 'Pay' })
    const taskId: string = triggered.task_id
    const approval = await waitFor(async () => {
      const { body } = await app.call('GET', '/api/approvals?state=waiting')
      return body.data.find(({ task_id: id }: { task_id: string }) => id === taskId)
    })
    await app.call('POST', `/api/approvals/${approval.id}/deny`, { reason: 'Too much' })
    await app.call('GET', `/api/task_status?task_id=${taskId}&wait=30`)
    await app.call('DELETE', `/api/agents/${agent.id}`)
    const step = JSON.parse(await readStep(taskId, 'model/1'))
    const request = model.requests[1]?.body
    expect(step.input_source).toBe('replayed')
    expect(request && flatRequest(request)).toEqual(flat(step.input))
    expect(tools.requests).toHaveLength(0)
  })

  it('as changed, if its fingerprint differs, and as a summary, if the journal is incomplete', async () => {
    model.script(callTools([{ name: 'look_up', arguments: { id: 2 } }]), say('Done.'))
    const taskId = await run({ tools: [lookUp()] })
    const { pool } = app.database.db
    await pool.query(
      `update bellwire.steps set input = (input::jsonb || '{"fingerprint":"x"}')::json where task_id = $1 and key = 'model/0'`,
      [taskId],
    )
    expect(JSON.parse(await readStep(taskId, 'model/0'))).toMatchObject({ input_source: 'changed' })
    await pool.query(`delete from bellwire.steps where task_id = $1 and kind = 'tool'`, [taskId])
    expect(JSON.parse(await readStep(taskId, 'model/1'))).toMatchObject({
      input_source: 'summary',
      input: { messages: 4 },
    })
    expect(tools.requests).toHaveLength(1)
  })
})

it('a tool call shows its whole input and output', async () => {
  const long = 'all of it '.repeat(10_000)
  tools.handle(() => ({ body: { long, id: 7 } }))
  model.script(callTools([{ name: 'look_up', arguments: { id: 2 } }]), say('Done.'))
  const taskId = await run({ tools: [lookUp()] })
  const { body: task } = await app.call('GET', `/api/tasks/${taskId}`)
  const { key, output } = task.steps.find(({ kind }: { kind: string }) => kind === 'tool')
  expect(output).toMatchObject({ truncated: true })
  const step = JSON.parse(await readStep(taskId, key))
  expect(step).toMatchObject({
    input_source: 'recorded',
    input: { arguments: { id: 2 } },
    output: { result: { status: 200 } },
    duration_ms: expect.any(Number),
  })
  expect(JSON.stringify(step.output).length).toBe(output.characters)
})

it('accepts a key with unencoded slashes, and reports which part is unknown', async () => {
  const taskId = await run({})
  const found = await app.call('GET', `/api/tasks/${taskId}/steps/model/0`)
  expect(found).toMatchObject({ status: 200, body: { key: 'model/0' } })
  expect(await app.call('GET', `/api/tasks/${taskId}/steps/model%2F9`)).toMatchObject({
    status: 404,
    body: { code: 'step_not_found' },
  })
  for (const id of ['nonsense', '01a8f3f4-0000-7000-8000-000000000000']) {
    expect(await app.call('GET', `/api/tasks/${id}/steps/model%2F0`)).toMatchObject({
      status: 404,
      body: { code: 'task_not_found' },
    })
  }
  const anonymous = await fetch(`${app.url}/api/tasks/${taskId}/steps/model%2F0`)
  expect(anonymous.status).toBe(401)
})

it('a task lists fields that its templates use and its payload lacks', async () => {
  const agent = await app.createAgent({
    model: 'demo/assistant',
    instructions: 'Look at {{ payload.isue.title }}{% if payload.extra %}{{ payload.extra }}{% endif %}.',
    message: '{{ payload.issue.title }} {{ payload.issue.labels[0] | upcase }} {{ payload.issue.titel }}',
  })
  const payload = { issue: { title: 'It is late', labels: [] } }
  const { body } = await app.call('POST', agent.url, payload, { prefer: 'wait=30' })
  const { body: task } = await app.call('GET', `/api/tasks/${body.task_id}`)
  expect(task.warnings).toEqual([
    {
      code: 'payload_path_missing',
      template: 'instructions',
      path: 'payload.isue.title',
      detail: expect.stringContaining('payload.isue.title'),
    },
    expect.objectContaining({ template: 'message', path: 'payload.issue.labels[0]' }),
    expect.objectContaining({ template: 'message', path: 'payload.issue.titel' }),
  ])
  const { body: plain } = await app.call('GET', `/api/tasks/${await run({ model: 'demo/assistant' })}`)
  expect(plain.warnings).toEqual([])
})
