import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { callTools, say, startModelServer, type ModelServer } from './harness/modelServer.ts'
import { startProgram, type Program } from './harness/program.ts'
import { startToolServer, type ToolReply, type ToolServer } from './harness/toolServer.ts'

/** Of the health checks sent meanwhile, one in a hundred may take longer. */
const MAX_HEALTH_MS = 250

/** How long another agent's run may take meanwhile. On its own it takes some 30 ms. */
const MAX_RUN_MS = 2_000

let program: Program
let model: ModelServer
let web: ToolServer
let bystander: string

beforeAll(async () => {
  model = await startModelServer()
  web = await startToolServer()
  program = await startProgram({
    env: { BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8', LOCAL_MODEL_BASE_URL: model.url },
  })
  bystander = await makeWebhook({ instructions: 'Help {{ payload.question }}.' })
  await run(bystander, { question: 'Warm?' })
}, 60_000)

beforeEach(() => {
  model.reset()
  web.reset()
})

afterAll(async () => {
  await program.remove()
  await Promise.all([model.stop(), web.stop()])
})

function agent(more: object): object {
  return { name: 'Hostile', instructions: 'Do it.', model: 'local/test-model', ...more }
}

function save(more: object) {
  return program.api('POST', '/api/agents', agent(more))
}

async function makeWebhook(more: object): Promise<string> {
  const created = await save(more)
  expect(created).toMatchObject({ status: 201 })
  const webhook = await program.api('GET', `/api/agent_webhook?id=${created.body.id}`)
  return webhook.body.webhook_url.replace('localhost', '127.0.0.1')
}

/** Starts a task and waits for its end. */
async function run(url: string, payload: unknown) {
  const accepted = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(payload),
  })
  const { task_id: id }: { task_id: string } = await accepted.json().then(Object)
  for (;;) {
    const { body } = await program.api('GET', `/api/task_status?task_id=${id}&wait=20`)
    if (body.status !== 'STARTED' && body.status !== 'PENDING') return body
  }
}

/**
 * Does something hostile, and checks that nothing else is affected: health checks are sent every 20 ms, whether or not
 * earlier ones were answered, and another agent runs repeatedly. The load of everything else on the machine is measured
 * before and after.
 */
async function unnoticed<T>(hostile: () => Promise<T>): Promise<T> {
  const before = await observe(() => delay(1_000))
  const { result, healthMs, runMs } = await observe(hostile)
  const after = await observe(() => delay(1_000))
  const alone = {
    healthMs: Math.max(before.healthMs, after.healthMs),
    runMs: Math.max(before.runMs, after.runMs),
  }
  expect(healthMs, 'p99 of /healthz').toBeLessThan(MAX_HEALTH_MS + alone.healthMs)
  expect(runMs, 'the longest run of another agent').toBeLessThan(MAX_RUN_MS + alone.runMs)
  return result
}

async function observe<T>(work: () => Promise<T>): Promise<{ result: T; healthMs: number; runMs: number }> {
  const health: Promise<number>[] = []
  const runs: number[] = []
  let isOver = false
  const timer = setInterval(() => health.push(timed(() => fetch(`${program.url}/healthz`))), 20)
  const others = (async () => {
    while (!isOver || runs.length < 5) {
      const before = performance.now()
      expect(await run(bystander, { question: 'Still there?' })).toMatchObject({ status: 'SUCCESS' })
      runs.push(performance.now() - before)
    }
  })()
  try {
    const result = await work()
    isOver = true
    await others
    const times = (await Promise.all(health)).toSorted((a, b) => a - b)
    return {
      result,
      healthMs: times.at(Math.ceil(times.length * 0.99) - 1) ?? 0,
      runMs: Math.max(...runs),
    }
  } finally {
    isOver = true
    clearInterval(timer)
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/** A refusal on save that points at a field and names its limit. */
function refusal(pointer: string, detail: RegExp) {
  const errors = [{ pointer, detail: expect.stringMatching(detail) }]
  return { status: 422, body: { code: 'schema_invalid', errors } }
}

/** Schemas by name, each of which contains the next one twice. */
function doubling(times: number): object {
  const defs = Array.from({ length: times }, (_none, at) => {
    const next = { $ref: `#/$defs/a${at + 1}` }
    return [`a${at}`, { allOf: [next, next] }]
  })
  return { type: 'object', $ref: '#/$defs/a0', $defs: Object.fromEntries([...defs, [`a${times}`, {}]]) }
}

function openApi(document: unknown): object {
  return { tools: [{ type: 'openapi', name: 'api', document, operations: ['op'] }] }
}

/** Many events that contain no response. */
function events(): ToolReply {
  const params = { progressToken: 1, progress: 1 }
  const event = `data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params })}\n\n`
  const body = event.repeat(Math.ceil(10_000_000 / event.length))
  return { body, headers: { 'content-type': 'text/event-stream' } }
}

/** A server that implements MCP by hand. */
function serveMcp(list: () => ToolReply, call?: ToolReply): object {
  const result = {
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: { name: 's', version: '1' },
  }
  web.handle(({ body }) => {
    const { id, method }: { id?: number; method?: string } = Object(JSON.parse(body === '' ? '{}' : body))
    if (method === 'initialize') return { body: { jsonrpc: '2.0', id, result } }
    if (method === 'tools/call' && call) return call
    if (method === 'tools/list') {
      const { body: answer, ...reply } = list()
      return { ...reply, body: typeof answer === 'string' ? answer.replace('"ID"', String(id)) : answer }
    }
    if (id === undefined) return { status: 202, body: '' }
    return { body: { jsonrpc: '2.0', id, error: { code: -32_601, message: 'Method not found' } } }
  })
  return { tools: [{ type: 'mcp', name: 'mcp', url: `${web.url}/mcp` }] }
}

describe('others are not affected by', { timeout: 120_000 }, () => {
  it('YAML whose aliases double', async () => {
    const lines = Array.from({ length: 30 }, (_none, at) => `  a${at + 1}: &a${at + 1} [*a${at}, *a${at}]`)
    const yaml = ['openapi: 3.1.0', 'paths: {}', 'x-bomb:', '  a0: &a0 [x, x]', ...lines].join('\n')
    expect(await unnoticed(() => save(openApi(yaml)))).toMatchObject(
      refusal('/tools/0/document', /longer than \d+ characters once its YAML aliases are written out/),
    )
  })

  it('a server with 20,000 tools', async () => {
    const tools = Array.from({ length: 20_000 }, (_none, at) => ({
      name: `tool_${at}`,
      description: 'Does one thing.',
      inputSchema: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
    }))
    const body = JSON.stringify({ jsonrpc: '2.0', id: 'ID', result: { tools } })
    const server = serveMcp(() => ({ body, headers: { 'content-type': 'application/json' } }))
    expect(await unnoticed(() => save(server))).toMatchObject(
      refusal('/tools/0/tools', /has 20000 tools, and an agent can have 128/),
    )
  })

  it('references that double: in a schema, in a document, in a list of tools', async () => {
    const detail = /would be checked against \d+ schemas; at most 5000/
    await unnoticed(async () => {
      for (const times of [16, 20, 24]) {
        expect(await save({ output_schema: doubling(times) })).toMatchObject(
          refusal('/output_schema', detail),
        )
      }
      const schemas = JSON.parse(JSON.stringify(doubling(24)).replaceAll('$defs', 'components/schemas'))
      const content = { 'application/json': { schema: { $ref: '#/components/schemas/a0' } } }
      const document = {
        openapi: '3.1.0',
        info: {},
        servers: [{ url: web.url }],
        paths: { '/': { post: { operationId: 'op', requestBody: { content } } } },
        components: { schemas: schemas['components/schemas'] },
      }
      expect(await save(openApi(document))).toMatchObject(refusal('/tools/0/operations/0', detail))
      const list = { tools: [{ name: 'a', inputSchema: doubling(24) }] }
      const server = serveMcp(() => ({
        body: JSON.stringify({ jsonrpc: '2.0', id: 'ID', result: list }),
        headers: { 'content-type': 'application/json' },
      }))
      expect(await save(server)).toMatchObject(refusal('/tools/0/tools', detail))
    })
  })

  it('templates with very many variables', async () => {
    const texts = [
      '{{ a }}'.repeat(28_000),
      `{{ a | default: ${'b, '.repeat(60_000)}c }}`,
      '{{ '.repeat(60_000),
    ]
    await unnoticed(async () => {
      expect(await save({ instructions: texts[0] })).toMatchObject(refusal('', /28000 names.*at most 2000/))
      expect(await save({ instructions: texts[1] })).toMatchObject(refusal('', /at most 2000/))
      const headers = Object.fromEntries(
        [...Array(300).keys()].map((at) => [`x-${at}`, '{{ a }}{{ b }}'.repeat(10)]),
      )
      const tool = { type: 'http', name: 't', description: '', access: 'read', url: web.url }
      expect(await save({ tools: [{ ...tool, headers, body: texts[2], method: 'POST' }] })).toMatchObject(
        refusal('', /6000 names.*at most 2000/),
      )
      expect(await save({ instructions: texts[2] })).toMatchObject(refusal('/instructions', /not closed/))
    })
  })

  it("a pattern that only JavaScript's engine supports, on a text for which it takes forever", async () => {
    const parameters = { type: 'object', properties: { q: { type: 'string', pattern: '^(?=a)(a+)+$' } } }
    const tool = { type: 'http', name: 'find', description: '', access: 'read', url: web.url, parameters }
    const url = await makeWebhook({ tools: [tool] })
    const workerPid = await program.workerPid()
    model.handle(({ body }) => {
      const isHostile = body.tools !== undefined && body.messages.length === 2
      return isHostile ? callTools([{ name: 'find', arguments: { q: `${'a'.repeat(60)}!` } }]) : say('Done.')
    })
    const result = await unnoticed(() => run(url, {}))
    expect(result.result.tool_calls).toMatchObject([
      { error: expect.stringMatching(/the check was stopped: it took more than 2 s of computing/) },
    ])
    expect(await program.workerPid()).toBe(workerPid)
  })

  it.each([
    [
      'loops in loops',
      '{% for i in (1..payload.n) %}{% for j in (1..1000) %}{% endfor %}{% endfor %}',
      /limit exceeded|stopped/,
    ],
    [
      'filters over much text',
      '{{ payload.text | split: "" | sort | join: "," | replace: "a", "bb" | split: "b" | uniq | join: "" }}',
      /limit exceeded|stopped|failed/,
    ],
  ])('slow templates: %s', async (_name, instructions, detail) => {
    model.handle(() => say('Done.'))
    const url = await makeWebhook({ instructions, message: 'Go.' })
    const payload = { n: 1_000_000, text: '<a b '.repeat(180_000) }
    const results = await unnoticed(() => Promise.all(Array.from({ length: 20 }, () => run(url, payload))))
    for (const result of results) {
      if (result.status === 'SUCCESS') continue
      expect(result.result.error).toMatchObject({
        code: 'template_failed',
        message: expect.stringMatching(detail),
      })
    }
  })

  it('10 MB of events while importing', async () => {
    const server = serveMcp(() => events())
    expect(await unnoticed(() => save(server))).toMatchObject(
      refusal('/tools/0/url', /larger than \d+ bytes|stopped|closed before it responded/),
    )
  })

  it('10 MB of events as the response to a call', async () => {
    const tools = [{ name: 'find', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }]
    const body = JSON.stringify({ jsonrpc: '2.0', id: 'ID', result: { tools } })
    const list = { body, headers: { 'content-type': 'application/json' } }
    const url = await makeWebhook(serveMcp(() => list, events()))
    model.handle(({ body: { tools: offered, messages } }) =>
      offered !== undefined && messages.length === 2
        ? callTools([{ name: 'mcp_find', arguments: {} }])
        : say('Done.'),
    )
    const { result } = await unnoticed(() => run(url, {}))
    expect(result.tool_calls).toMatchObject([{ error: expect.stringMatching(/^The call failed/) }])
  })

  it('200,000 levels of JSON: as an agent, as a payload, as a document, as a list of tools', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    await unnoticed(async () => {
      const headers = { authorization: `Bearer ${program.adminKey}`, 'content-type': 'application/json' }
      const body = JSON.stringify(agent({ output_schema: { x: 'DEEP' } })).replace('"DEEP"', deep)
      const saved = await fetch(`${program.url}/api/agents`, { method: 'POST', headers, body })
      expect(saved.status).toBe(400)
      expect(await saved.json()).toMatchObject({
        detail: expect.stringMatching(/nested more than 200 levels/),
      })
      const asked = await fetch(bystander, { method: 'POST', headers, body: deep })
      expect(asked.status).toBe(400)
      expect(await asked.json()).toMatchObject({
        detail: expect.stringMatching(/nested more than 200 levels/),
      })

      web.handle(() => ({ body: `{"openapi": "3.1.0", "paths": ${deep}}` }))
      const tool = { type: 'openapi', name: 'api', url: `${web.url}/openapi.json`, operations: ['op'] }
      expect(await save({ tools: [tool] })).toMatchObject(
        refusal('/tools/0/url', /nested more than 200 levels/),
      )
      const list = `{"jsonrpc": "2.0", "id": "ID", "result": {"tools": ${deep}}}`
      const server = serveMcp(() => ({ body: list, headers: { 'content-type': 'application/json' } }))
      expect(await save(server)).toMatchObject({ status: 422 })
    })
  })
})
