import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type Reply, type TestApp } from './harness/api.ts'
import { startMcpServer, type McpTestServer } from './harness/mcpServer.ts'
import { startToolServer, type ToolServer } from './harness/toolServer.ts'
import { waitFor } from './harness/waitFor.ts'

const TOKEN = 'tok-0123456789abcdef'
const STDIO_SERVER = fileURLToPath(new URL('harness/stdioMcpServer.ts', import.meta.url))

let app: TestApp
let web: ToolServer
let mcp: McpTestServer

beforeAll(async () => {
  web = await startToolServer()
  mcp = await startMcpServer([
    {
      name: 'find',
      description: 'Finds notes.\n\nOf all people.',
      inputSchema: { type: 'object', properties: { about: { type: 'string' } }, required: ['about'] },
      annotations: { readOnlyHint: true },
      call: ({ args }) => `About ${String(args['about'])}, by ${TOKEN}`,
    },
    { name: 'wipe', annotations: { destructiveHint: true }, call: () => 'Gone.' },
    {
      name: 'ask',
      annotations: { readOnlyHint: true },
      call: async ({ elicit }) => {
        const schema = { type: 'object' as const, properties: {} }
        const answer = await elicit?.({ message: 'Are you sure?', requestedSchema: schema })
        return JSON.stringify(answer)
      },
    },
  ])
  app = await startTestApp(
    {
      BELLWIRE_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8',
      BELLWIRE_MCP_COMMANDS: `${process.execPath} ${STDIO_SERVER}`,
    },
    { worker: false },
  )
  await app.call('PUT', '/api/secrets/TOKEN', { value: TOKEN })
  await app.call('PUT', '/api/secrets/PIN', { value: '77' })
})
afterEach(() => web.reset())
afterAll(async () => {
  await app.stop()
  await Promise.all([web.stop(), mcp.stop()])
})

function httpTool(more: object = {}): object {
  return {
    type: 'http',
    name: 'order',
    description: 'Orders.',
    method: 'POST',
    url: `${web.url}/orders/{{ id }}?pin={{ secrets.PIN }}`,
    headers: { Authorization: 'Basic {{ secrets.TOKEN | append: ":" | base64_encode }}' },
    body: '{ "id": {{ id | json }}, "key": {{ secrets.TOKEN | json }} }',
    parameters: { type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] },
    access: 'write',
    ...more,
  }
}

function serveDocument(): void {
  const order = {
    operationId: 'order',
    summary: 'Order something',
    parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
  }
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
                get: {
                  ...order,
                  operationId: undefined,
                  summary: undefined,
                  description: 'Shows it.\n\nMore words.',
                },
                post: order,
              },
              '/other': { get: { $ref: 'other.yaml#/get' } },
            },
            components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
          },
        }
      : { body: { path, token: TOKEN } },
  )
}

function apiTool(more: object = {}): object {
  return {
    type: 'openapi',
    name: 'shop',
    url: `${web.url}/openapi.json`,
    operations: ['GET /orders/{id}', 'order'],
    auth: { key: '{{ secrets.TOKEN }}' },
    ...more,
  }
}

const tryTool = (body: object, headers?: Record<string, string>): Promise<Reply> =>
  app.call('POST', '/api/tools/try', body, headers)

describe('trying an HTTP tool', () => {
  it('makes the call, and shows what was sent and what the model would see, without secrets', async () => {
    web.handle(({ body }) => ({ status: 201, body: { got: JSON.parse(body), pin: '77' } }))
    const { status, body } = await tryTool({ tool: httpTool(), arguments: { id: 7 }, confirm_write: true })
    expect([status, body.outcome, body.status, body.access]).toEqual([200, 'ok', 201, 'write'])
    const [sent] = web.requests
    expect(sent?.path).toBe('/orders/7?pin=77')
    expect(sent?.headers.authorization).toBe(`Basic ${Buffer.from(`${TOKEN}:`).toString('base64')}`)
    expect(sent?.key).toMatch(/^try_/)
    expect(body.request).toMatchObject({
      method: 'POST',
      headers: { authorization: expect.stringContaining('[redacted]') },
    })
    expect(body.request.url).toContain('pin=[redacted]')
    expect(JSON.stringify(body)).not.toContain(TOKEN)
    expect(JSON.stringify(body.request)).not.toContain('77')
    expect(JSON.parse(body.result)).toMatchObject({
      status: 201,
      body: { got: { id: 7, key: '[redacted]' } },
    })
    expect(app.logged()).not.toContain(TOKEN)
  })

  it('is refused without confirmation where it changes something, and nothing is sent', async () => {
    const { status, body } = await tryTool({ tool: httpTool(), arguments: { id: 7 } })
    expect([status, body.errors]).toEqual([
      422,
      [{ pointer: '/confirm_write', detail: 'order changes something: send true to call it' }],
    ])
    expect(web.requests).toEqual([])
  })

  it('shows the errors that the model would see: of arguments, of the other side, of time', async () => {
    const wrong = await tryTool({ tool: httpTool(), arguments: {}, confirm_write: true })
    expect(wrong.body).toMatchObject({ outcome: 'error', request: null, status: null })
    expect(wrong.body.result).toContain('do not match the parameters')
    expect(web.requests).toEqual([])

    web.handle(() => ({ status: 404, body: `no such thing, ${TOKEN}` }))
    const missing = await tryTool({ tool: httpTool({ access: 'read' }), arguments: { id: 1 } })
    expect(missing.body).toMatchObject({ outcome: 'error', status: 404 })
    expect(missing.body.result).toBe('HTTP 404 Not Found: no such thing, [redacted]')

    web.handle(() => ({ delayMs: 60_000 }))
    const late = await tryTool({
      tool: httpTool({ access: 'read', timeout_seconds: 0.2 }),
      arguments: { id: 1 },
    })
    expect(late.body).toMatchObject({ outcome: 'error', status: null })
    expect(late.body.result).toBe('The call took longer than 0.2 seconds and was stopped.')
  })

  it('cuts a long result, and passes the guard like any call', async () => {
    web.handle(() => ({ body: { text: 'a'.repeat(400_000) } }))
    const long = await tryTool({ tool: httpTool({ access: 'read' }), arguments: { id: 1 } })
    expect(long.body.result.length).toBeLessThanOrEqual(262_144)
    expect(long.body.result).toContain('truncated')

    const refused = await tryTool({
      tool: httpTool({ access: 'read', url: 'http://10.0.0.1/x', headers: undefined, body: undefined }),
      arguments: { id: 1 },
    })
    expect(refused.body.outcome).toBe('error')
    expect(refused.body.result).toContain('private')
  })

  it('says which field of the tool cannot be used', async () => {
    const { status, body } = await tryTool({
      tool: httpTool({ url: 'https://{{ secrets.NONE }}/x', headers: { 'Bad Name': 'x' } }),
    })
    expect(status).toBe(422)
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer).toSorted()).toEqual([
      '/tool/headers/Bad Name',
      '/tool/url',
    ])
    expect((await tryTool({ tool: { type: 'http' } })).status).toBe(422)
  })

  it('is for operators alone, and bounded in number', async () => {
    const { id } = await app.createAgent()
    const made = await app.call('POST', '/api/api_keys', { name: 'k', scope: 'agent', agent_id: id })
    for (const path of ['try', 'preview', 'offer']) {
      const as = (authorization: string) =>
        app.call('POST', `/api/tools/${path}`, { tool: httpTool() }, { authorization })
      expect((await as(`Bearer ${made.body.key}`)).status).toBe(403)
      expect((await as('')).status).toBe(401)
    }
    expect(web.requests).toEqual([])

    let release: () => void = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    web.handle(async () => {
      await held
      return {}
    })
    const four = Array.from({ length: 4 }, () =>
      tryTool({ tool: httpTool({ access: 'read' }), arguments: { id: 1 } }),
    )
    await waitFor(() => web.requests.length === 4, { what: 'four calls' })
    const fifth = await tryTool({ tool: httpTool({ access: 'read' }), arguments: { id: 1 } })
    expect([fifth.status, fifth.body.code]).toEqual([429, 'rate_limited'])
    expect(fifth.body.detail).toContain('You are trying 4 tools')
    expect(fifth.headers.get('retry-after')).toBe('5')
    // The calls of one key do not hold up another one.
    const key = await app.call('POST', '/api/api_keys', { name: 'other', scope: 'admin' })
    const other = tryTool(
      { tool: httpTool({ access: 'read' }), arguments: { id: 1 } },
      { authorization: `Bearer ${key.body.key}` },
    )
    await waitFor(() => web.requests.length === 5, { what: 'the call of another key' })
    release()
    expect((await Promise.all([...four, other])).map(({ body }) => body.outcome)).toEqual(Array(5).fill('ok'))
  })
})

describe('trying other tools', () => {
  it('calls an operation of a document, with its credentials masked', async () => {
    serveDocument()
    const read = await tryTool({
      tool: apiTool(),
      name: 'shop_get_orders_id',
      arguments: { id: 'a/b' },
    })
    expect(read.body).toMatchObject({
      outcome: 'ok',
      status: 200,
      request: {
        method: 'GET',
        url: `${web.url}/v1/orders/a%2Fb`,
        headers: { authorization: '[redacted]' },
      },
    })
    expect(web.requests.at(-1)?.headers.authorization).toBe(`Bearer ${TOKEN}`)
    const write = await tryTool({ tool: apiTool(), name: 'shop_order', arguments: { id: '1' } })
    expect(write.body.errors).toMatchObject([{ pointer: '/confirm_write' }])
    const none = await tryTool({ tool: apiTool() })
    expect(none.body.errors).toMatchObject([
      { pointer: '/name', detail: 'choose one of its tools: shop_get_orders_id, shop_order' },
    ])
    const missing = await tryTool({ tool: apiTool({ operations: ['order', 'odrer'] }) })
    expect(missing.body.errors).toMatchObject([{ pointer: '/tool/operations/1' }])
  })

  it('calls a tool of an MCP server', async () => {
    const tool = { type: 'mcp', name: 'notes', url: mcp.url, headers: { 'X-Key': '{{ secrets.TOKEN }}' } }
    const { body } = await tryTool({ tool, name: 'notes_find', arguments: { about: 'bells' } })
    expect(body).toMatchObject({
      outcome: 'ok',
      request: {
        method: 'tools/call',
        url: mcp.url,
        headers: { 'X-Key': '{{ secrets.TOKEN }}' },
        body: '{"name":"find","arguments":{"about":"bells"}}',
      },
      result: '{"text":"About bells, by [redacted]"}',
    })
    const asked = await tryTool({ tool, name: 'notes_ask' })
    expect(asked.body).toMatchObject({ outcome: 'question', result: 'Are you sure?' })
    const refused = await tryTool({ tool, name: 'notes_wipe' })
    expect(refused.body.errors).toMatchObject([{ pointer: '/confirm_write' }])
    expect(mcp.calls.map(({ tool: name }) => name)).not.toContain('wipe')
    await waitFor(() => mcp.sessions() === 0, { what: 'the end of the sessions' })
  })

  it('calls a program that is allowed, and the clock, but nothing that needs a run', async () => {
    const program = { type: 'mcp', name: 'own', command: process.execPath, args: [STDIO_SERVER] }
    const { body: seen } = await app.call('POST', '/api/tools/preview', { tool: program })
    expect(seen.data.length).toBeGreaterThan(0)
    const other = await tryTool({ tool: { ...program, command: 'bash' } })
    expect(other.body.errors).toMatchObject([{ pointer: '/tool/command' }])
    const clock = await tryTool({ tool: { type: 'builtin', name: 'current_time' } })
    expect(clock.body).toMatchObject({ outcome: 'ok', request: null })
    const person = await tryTool({ tool: { type: 'builtin', name: 'ask_person' } })
    expect(person.body.errors).toMatchObject([{ pointer: '/tool' }])
  })
})

describe('choosing tools', () => {
  const offer = (source: object): Promise<Reply> => app.call('POST', '/api/tools/offer', { source })

  it('lists the operations of a document, and those that cannot be used with the reason', async () => {
    serveDocument()
    const { status, body } = await offer({ type: 'openapi', url: `${web.url}/openapi.json` })
    expect([status, body]).toEqual([
      200,
      {
        title: 'Shop',
        version: '1',
        total: 3,
        data: [
          {
            name: 'GET /orders/{id}',
            method: 'GET',
            path: '/orders/{id}',
            summary: 'Shows it.',
            access: 'read',
          },
          {
            name: 'order',
            method: 'POST',
            path: '/orders/{id}',
            summary: 'Order something',
            access: 'write',
          },
          {
            name: 'GET /other',
            method: 'GET',
            path: '/other',
            summary: '',
            access: 'read',
            fault: expect.stringContaining('outside the document'),
          },
        ],
        schemes: [{ name: 'key', type: 'http bearer' }],
      },
    ])
    const pasted = await offer({ type: 'openapi', document: 'openapi: 3.1.0\npaths:\n  /a: { get: {} }' })
    expect(pasted.body.data).toMatchObject([{ name: 'GET /a' }])
  })

  it('lists the tools of a server with what it says that they do', async () => {
    const { body } = await offer({ type: 'mcp', url: mcp.url, headers: { 'X-Key': '{{ secrets.TOKEN }}' } })
    expect(body).toMatchObject({
      title: 'test-server',
      total: 3,
      data: [
        { name: 'find', summary: 'Finds notes.', access: 'read' },
        { name: 'wipe', summary: '', access: 'write', approval: 'always' },
        { name: 'ask', access: 'read' },
      ],
    })
  })

  it('says what is wrong with the source, at its field', async () => {
    const errors = async (source: object) => (await offer(source)).body.errors
    expect(await errors({ type: 'openapi', url: 'http://10.0.0.1/x' })).toMatchObject([
      { pointer: '/source/url', detail: expect.stringContaining('private') },
    ])
    expect(await errors({ type: 'openapi', document: 'just text' })).toMatchObject([
      { pointer: '/source/document' },
    ])
    expect(await errors({ type: 'mcp', url: '{{ secrets.NONE }}' })).toMatchObject([
      { pointer: '/source/url', detail: expect.stringContaining('no secret NONE') },
    ])
    expect(await errors({ type: 'mcp', command: 'bash' })).toMatchObject([{ pointer: '/source/command' }])
    expect(await errors({ type: 'mcp' })).toMatchObject([{ pointer: '/source/url' }])
    expect(await errors({ type: 'openapi', url: 'https://{{ broken' })).toMatchObject([
      { pointer: '/source/url' },
    ])
  })

  it('previews a tool: the import of its agent, or a new one', async () => {
    serveDocument()
    const { id } = await app.createAgent({ tools: [apiTool()] })
    const imports = () => web.requests.filter(({ path }) => path === '/openapi.json').length
    expect(imports()).toBe(1)
    const preview = (more: object = {}) =>
      app.call('POST', '/api/tools/preview', {
        tool: apiTool({ access: { order: 'read' } }),
        agent_id: id,
        ...more,
      })
    const { body } = await preview()
    expect(imports()).toBe(1)
    expect(body.data).toMatchObject([
      { name: 'shop_get_orders_id', source_name: 'GET /orders/{id}', access: 'read' },
      { name: 'shop_order', source_name: 'order', access: 'read', parameters: { required: ['id'] } },
    ])
    expect(body.tool.imported.title).toBe('Shop')
    await preview({ refresh: true })
    expect(imports()).toBe(2)
    expect((await preview({ agent_id: 'none' })).status).toBe(404)
  })
})
