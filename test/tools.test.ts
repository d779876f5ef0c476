import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AgentConfig, Tool } from '../src/contract/agent.ts'
import { startTestApp, type TestApp } from './harness/api.ts'
import { startMcpServer, type McpTestServer, type McpTestTool } from './harness/mcpServer.ts'
import { callTools, say, startModelServer, type ModelServer } from './harness/modelServer.ts'
import { startToolServer, type ToolServer } from './harness/toolServer.ts'
import { waitFor } from './harness/waitFor.ts'

const STDIO_SERVER = fileURLToPath(new URL('harness/stdioMcpServer.ts', import.meta.url))
const TOKEN = 'tok-0123456789abcdef'

let app: TestApp
let model: ModelServer
let web: ToolServer
let mcp: McpTestServer

beforeAll(async () => {
  model = await startModelServer()
  web = await startToolServer()
  app = await startTestApp({
    BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8',
    BELLWIRE_MCP_COMMANDS: `${process.execPath} ${STDIO_SERVER}`,
    LOCAL_MODEL_BASE_URL: model.url,
  })
  await app.call('PUT', '/api/secrets/TOKEN', { value: TOKEN })
})

beforeEach(async () => {
  mcp = await startMcpServer([notes('notes')])
})

afterEach(async () => {
  await mcp.stop()
  model.reset()
  web.reset()
})

afterAll(async () => {
  await app.stop()
  await Promise.all([model.stop(), web.stop()])
})

function notes(answer: string, more: Partial<McpTestTool> = {}): McpTestTool {
  return {
    name: 'find',
    description: 'Finds notes.',
    inputSchema: { type: 'object', properties: { about: { type: 'string' } } },
    annotations: { readOnlyHint: true },
    call: () => answer,
    ...more,
  }
}

function mcpTool(more: object = {}): object {
  return { type: 'mcp', name: 'notes', url: mcp.url, ...more }
}

function apiTool(more: object = {}): object {
  return { type: 'openapi', name: 'shop', url: `${web.url}/openapi.json`, operations: ['order'], ...more }
}

function serveDocument(summary: string): void {
  web.handle(({ path }) =>
    path === '/openapi.json'
      ? {
          body: {
            openapi: '3.1.0',
            info: { title: 'Shop', version: '1' },
            servers: [{ url: '/v1' }],
            security: [{ key: [] }],
            paths: {
              '/orders/{id}': {
                post: {
                  operationId: 'order',
                  summary,
                  parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
                },
              },
            },
            components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
          },
        }
      : { body: { path, ordered: true } },
  )
}

async function makeAgent(tools: object[], more: object = {}) {
  return app.createAgent({ model: 'local/test-model', tools, ...more })
}

/** Runs an agent to its end. */
async function run(url: string) {
  const { body } = await app.call('POST', url, { question: 'Go.' })
  const status = await app.call('GET', `/api/task_status?task_id=${body.task_id}&wait=20`)
  return status.body
}

describe('an agent with the tools of an MCP server', () => {
  it('is shown with its imports, which are not part of its configuration', async () => {
    const { id } = await makeAgent([mcpTool({ access: { find: 'write' } })])
    const { body: agent } = await app.call('GET', `/api/agents/${id}`)
    expect(agent.tools).toEqual([
      {
        ...mcpTool({ access: { find: 'write' } }),
        imported: {
          imported_at: expect.any(String),
          server: { name: 'test-server', version: '1.2.3' },
          tools: [
            {
              tool: 'find',
              name: 'notes_find',
              description: 'Finds notes.',
              parameters: { type: 'object', properties: { about: { type: 'string' } } },
              access: 'read',
              idempotent: true,
            },
          ],
        },
      },
    ])
    const { body: list } = await app.call('GET', '/api/agents?limit=1')
    expect(list.data[0].tools).toEqual([mcpTool({ access: { find: 'write' } })])
    // What was read can be sent back unchanged.
    const edited = await app.call('PATCH', `/api/agents/${id}`, { tools: agent.tools })
    expect(edited.body).toMatchObject({ revision: 1 })
  })

  it('calls them in its runs', async () => {
    const { url } = await makeAgent([mcpTool({ headers: { authorization: 'Bearer {{ secrets.TOKEN }}' } })])
    model.script(callTools([{ name: 'notes_find', arguments: { about: 'cats' } }]), say('Found.'))
    expect(await run(url)).toMatchObject({
      status: 'SUCCESS',
      result: {
        answer: 'Found.',
        tool_calls: [{ name: 'notes_find', arguments: { about: 'cats' }, result: { text: 'notes' } }],
      },
    })
    expect(model.requests[0]?.body.tools).toMatchObject([
      { function: { name: 'notes_find', description: 'Finds notes.' } },
    ])
    expect(mcp.calls).toMatchObject([{ headers: { authorization: `Bearer ${TOKEN}` } }])
    expect(app.logged()).not.toContain(TOKEN)
  })

  it('keeps its tools until they are imported again', async () => {
    const { id, url } = await makeAgent([mcpTool()])
    mcp.offer([notes('other', { description: 'Changed.' }), notes('more', { name: 'more' })])
    model.script(say('1'), say('2'))
    await app.call('PATCH', `/api/agents/${id}`, { instructions: 'Edited.', tools: [mcpTool()] })
    await run(url)
    expect(model.requests[0]?.body.tools).toMatchObject([{ function: { description: 'Finds notes.' } }])

    const refreshed = await app.call('POST', `/api/agents/${id}/tools/refresh`)
    expect(refreshed).toMatchObject({
      status: 200,
      body: {
        revision: 3,
        tools: [{ imported: { tools: [{ name: 'notes_find' }, { name: 'notes_more' }] } }],
      },
    })
    await run(url)
    expect(model.requests[1]?.body.tools).toMatchObject([
      { function: { description: 'Changed.' } },
      { function: { name: 'notes_more' } },
    ])
    const again = await app.call('POST', `/api/agents/${id}/tools/refresh`)
    expect(again.body).toEqual(refreshed.body)
  })

  it('is not saved while the server is unavailable, except for unrelated changes', async () => {
    const { id } = await makeAgent([mcpTool()])
    await mcp.stop()
    const errors = [{ pointer: '/tools/0/url', detail: expect.stringMatching(/could not be reached/) }]
    const refused = { status: 422, body: { code: 'schema_invalid', errors } }
    const whole = { name: 'x', instructions: '', model: 'demo/assistant', tools: [mcpTool()] }
    expect(await app.call('POST', '/api/agents', whole)).toMatchObject(refused)
    expect(await app.call('PATCH', `/api/agents/${id}`, { tools: [mcpTool({ name: 'n' })] })).toMatchObject(
      refused,
    )
    expect(await app.call('POST', `/api/agents/${id}/tools/refresh`)).toMatchObject(refused)
    const edit = { name: 'Renamed', tools: [mcpTool({ approval: { find: 'always' } })] }
    expect(await app.call('PATCH', `/api/agents/${id}`, edit)).toMatchObject({ status: 200 })
  })

  it('gets an error from an unavailable server, and continues', async () => {
    const { url } = await makeAgent([mcpTool()])
    model.script(callTools([{ name: 'notes_find', arguments: {} }]), say('Never mind.'))
    await mcp.stop()
    expect(await run(url)).toMatchObject({
      status: 'SUCCESS',
      result: {
        answer: 'Never mind.',
        tool_calls: [{ error: expect.stringMatching(/^The call failed: .* could not be reached/) }],
      },
    })
  })

  it('continues with a server that restarts in the middle of a run', async () => {
    mcp.offer([notes('', { call: ({ session }) => session, annotations: {} })])
    const { url } = await makeAgent([mcpTool()])
    model.handle((_request, turn) => {
      if (turn === 2) mcp.forget()
      return turn < 3 ? callTools([{ name: 'notes_find', arguments: {} }]) : say('Done.')
    })
    const { status, result } = await run(url)
    expect(status).toBe('SUCCESS')
    const [first, second, third] = result.tool_calls.map(
      (call: { result?: { text: string } }) => call.result?.text,
    )
    expect(second).toBe(first)
    expect(third).toMatch(/^[0-9a-f-]{36}$/)
    expect(third).not.toBe(first)
    expect(mcp.calls.length).toBe(3)
  })

  it('waits for a person before it calls one that the server marks as destructive', async () => {
    mcp.offer([notes('wiped', { name: 'wipe', annotations: { destructiveHint: true } })])
    const { id, url } = await makeAgent([mcpTool()])
    model.script(callTools([{ name: 'notes_wipe', arguments: {} }]), say('Wiped.'))
    const { body: task } = await app.call('POST', url, {})
    const waiting = await waitFor(async () => {
      const { body } = await app.call('GET', `/api/approvals?state=waiting&agent_id=${id}`)
      return body.data[0]
    })
    expect(waiting).toMatchObject({ tool: 'notes_wipe' })
    expect(mcp.calls).toEqual([])
    await app.call('POST', `/api/approvals/${waiting.id}/approve`, {})
    const end = await app.call('GET', `/api/task_status?task_id=${task.task_id}&wait=20`)
    expect(end.body).toMatchObject({ status: 'SUCCESS', result: { answer: 'Wiped.' } })
    expect(mcp.calls.length).toBe(1)
  })
})

describe('an agent with a program as an MCP server', () => {
  it('runs it', async () => {
    const program = { type: 'mcp', name: 'local', command: process.execPath, args: [STDIO_SERVER] }
    const { url } = await makeAgent([{ ...program, env: { GIVEN: '{{ secrets.TOKEN }}' } }])
    model.script(callTools([{ name: 'local_environment', arguments: {} }]), say('Seen.'))
    const { result } = await run(url)
    const environment = result.tool_calls[0].result.text
    expect(environment).toMatch(/"GIVEN":"\[redacted\]"/)
    expect(environment).not.toMatch(/BELLWIRE|LOCAL_MODEL|DATABASE_URL/)
  })

  it('is refused if the operator does not allow the program', async () => {
    const tools = [{ type: 'mcp', name: 'local', command: 'sh', args: ['-c', 'id'] }]
    const answer = await app.call('POST', '/api/agents', {
      name: 'x',
      instructions: '',
      model: 'demo/assistant',
      tools,
    })
    expect(answer).toMatchObject({
      status: 422,
      body: {
        errors: [{ pointer: '/tools/0/command', detail: expect.stringMatching(/BELLWIRE_MCP_COMMANDS/) }],
      },
    })
  })
})

describe('an agent with operations of an OpenAPI document', () => {
  const auth = { key: '{{ secrets.TOKEN }}' }

  it('calls them in its runs', async () => {
    serveDocument('Orders.')
    const { url } = await makeAgent([apiTool({ auth })])
    model.script(callTools([{ name: 'shop_order', arguments: { id: 'a 1' } }]), say('Ordered.'))
    expect(await run(url)).toMatchObject({
      status: 'SUCCESS',
      result: {
        tool_calls: [{ name: 'shop_order', result: { status: 200, body: { path: '/v1/orders/a%201' } } }],
      },
    })
    const order = web.requests.at(-1)
    expect(order).toMatchObject({ method: 'POST', headers: { authorization: `Bearer ${TOKEN}` } })
    expect(order?.key).toMatch(/^[0-9a-f]{64}$/)
  })

  it('keeps them unchanged until they are imported again', async () => {
    serveDocument('Orders.')
    const { id, url } = await makeAgent([apiTool({ auth })])
    serveDocument('Changed.')
    model.script(say('1'), say('2'))
    await run(url)
    expect(model.requests[0]?.body.tools).toMatchObject([{ function: { description: 'Orders.' } }])
    const refresh = () => app.call('POST', `/api/agents/${id}/tools/refresh`)
    expect((await refresh()).body).toMatchObject({ revision: 2 })
    expect((await refresh()).body).toMatchObject({ revision: 2 })
    await run(url)
    expect(model.requests[1]?.body.tools).toMatchObject([{ function: { description: 'Changed.' } }])
  })
})

it('docs/tools.md shows agents that match the contract', async () => {
  const text = await readFile('docs/tools.md', 'utf8')
  const shown = [...text.matchAll(/^curl \$BASE\/api\/agents -H [^\n]*-d '(\{.*?^\})'$/gms)].map(
    ([, json = '']) => json,
  )
  expect(shown.length).toBe(4)
  for (const json of shown) expect(AgentConfig.safeParse(JSON.parse(json)).error).toBeUndefined()
  const [tool = ''] = text.match(/(?<=```json\n).*?(?=```)/s) ?? []
  expect(Tool.safeParse(JSON.parse(tool)).error).toBeUndefined()
})

describe('saving reports what is wrong', () => {
  it.each<[string, () => object, string, RegExp]>([
    ['neither url nor command', () => ({ type: 'mcp', name: 'a' }), '/url', /either a url or a command/],
    ['both', () => mcpTool({ command: 'x' }), '/url', /either a url or a command/],
    ['headers of a command', () => mcpTool({ env: {} }), '/env', /requires a command/],
    [
      'a variable that loads code',
      () => ({ type: 'mcp', name: 'a', command: 'x', env: { NODE_OPTIONS: '' } }),
      '/env/NODE_OPTIONS',
      /decides which code/,
    ],
    ['an unknown field', () => mcpTool({ tool: 'x' }), '/tool', /not a known field/],
    ['a host from nowhere', () => mcpTool({ url: '{{ host }}/mcp' }), '/url', /scheme and host/],
    ['a broken template', () => mcpTool({ headers: { a: '{{ secrets.TOKEN' } }), '/headers/a', /not closed/],
    [
      'an unknown secret',
      () => mcpTool({ headers: { a: '{{ secrets.NO }}' } }),
      '/headers/a',
      /no secret NO/,
    ],
    ['a tool that is not there', () => mcpTool({ tools: ['other'] }), '/tools', /no tool other/],
    ['a rule for one', () => mcpTool({ approval: { other: 'always' } }), '/approval', /other is not one/],
    ['no operations', () => apiTool({ operations: [] }), '/operations', /./],
    ['another operation', () => apiTool({ operations: ['orders'] }), '/operations/0', /did you mean order/],
    ['a credential that is needed', () => apiTool(), '/auth', /order needs a credential for key/],
    ['an address inside', () => apiTool({ url: 'http://169.254.169.254/' }), '/url', /not a public address/],
  ])('%s', async (_what, tool, pointer, detail) => {
    serveDocument('Orders.')
    const whole = { name: 'x', instructions: '', model: 'demo/assistant', tools: [tool()] }
    const { status, body } = await app.call('POST', '/api/agents', whole)
    expect({ status, errors: body.errors }).toEqual({
      status: 422,
      errors: [{ pointer: `/tools/0${pointer}`, detail: expect.stringMatching(detail) }],
    })
  })

  it('an agent without such tools has nothing to refresh; an unknown one is 404', async () => {
    const { id } = await makeAgent([])
    expect((await app.call('POST', `/api/agents/${id}/tools/refresh`)).body).toMatchObject({ revision: 1 })
    expect((await app.call('POST', '/api/agents/nobody/tools/refresh')).status).toBe(404)
  })
})

describe('the arguments and parameters of an HTTP tool', () => {
  const find = (parameters: object, url = '/find?q={{ q }}&limit={{ limit }}') => ({
    type: 'http',
    name: 'find',
    description: 'Finds things',
    access: 'read',
    url: `${web.url}${url}`,
    parameters,
  })

  it('are read as intended: null for optional ones, numbers and lists as texts', async () => {
    const properties = {
      q: { type: 'string' },
      limit: { type: 'integer' },
      tags: { type: 'array', items: { type: 'string' } },
    }
    const url = '/find?q={{ q }}&limit={{ limit }}{% for tag in tags %}&tag={{ tag }}{% endfor %}'
    const agent = await makeAgent([find({ type: 'object', properties, required: ['q'] }, url)])
    model.script(
      callTools([
        { name: 'find', arguments: { q: 'x', limit: null } },
        { name: 'find', arguments: { q: 'x', limit: '5' } },
        { name: 'find', arguments: { q: 'x', tags: '["a", "b"]' } },
        { name: 'find', arguments: { q: null } },
      ]),
      say('Done.'),
    )
    const { result } = await run(agent.url)
    expect(web.requests.map(({ path }) => path).toSorted()).toEqual([
      '/find?q=x&limit=',
      '/find?q=x&limit=&tag=a&tag=b',
      '/find?q=x&limit=5',
    ])
    expect(result.tool_calls[3].error).toMatch(/\/q must be string/)
  })

  it('reach a provider in the form that strict ones require', async () => {
    const { url } = await makeAgent([find({ type: 'object' }, '/regions'), mcpTool()])
    model.script(say('Done.'))
    await run(url)
    expect(model.requests[0]?.body.tools?.[0]?.function.parameters).toMatchObject({
      type: 'object',
      properties: {},
    })
  })
})
