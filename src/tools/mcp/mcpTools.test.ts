import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  startMcpServer,
  type McpMode,
  type McpTestServer,
  type McpTestTool,
  type McpToolResult,
} from '../../../test/harness/mcpServer.ts'
import { startHttpServer } from '../../../test/harness/httpServer.ts'
import { waitFor } from '../../../test/harness/waitFor.ts'
import { McpTool } from '../../contract/mcpTool.ts'
import { createGuardedFetch } from '../guardedFetch.ts'
import { ImportError } from '../imports/importError.ts'
import { ToolError, type RunTool } from '../tool.ts'
import { createMcpConnector, type McpConnector } from './connector.ts'
import { importMcp } from './importMcp.ts'
import { createMcpTools } from './mcpTools.ts'

const TOKEN = 'tok-0123456789'
const NOW = new Date('2026-05-01T10:00:00Z')

const TOOLS: McpTestTool[] = [
  {
    name: 'read.notes',
    description: 'Reads notes.',
    inputSchema: { type: 'object', properties: { about: { type: 'string' } }, required: ['about'] },
    annotations: { readOnlyHint: true },
    call: ({ args }) => `notes about ${String(args['about'])}`,
  },
  { name: 'add_note', call: () => 'added' },
  { name: 'put_note', annotations: { idempotentHint: true, destructiveHint: false }, call: () => 'put' },
  { name: 'wipe', annotations: { destructiveHint: true }, call: () => 'wiped' },
]

let opened: McpTestServer[] = []
let connector: McpConnector
let fetch: ReturnType<typeof createGuardedFetch>

beforeEach(() => {
  fetch = createGuardedFetch({ allowPrivateNetworks: ['127.0.0.0/8'] })
  connector = createMcpConnector({
    fetch,
    secrets: (name) => Promise.resolve(name === 'TOKEN' ? TOKEN : undefined),
    commands: [],
    environment: {},
    version: '0.0.0',
  })
})

afterEach(async () => {
  await connector.close()
  await fetch.close()
  await Promise.all(opened.map((server) => server.stop()))
  opened = []
})

async function start(tools: McpTestTool[] = TOOLS, mode: McpMode = 'stateful'): Promise<McpTestServer> {
  const server = await startMcpServer(tools, mode)
  opened.push(server)
  return server
}

function config(server: { url: string }, more: object = {}): McpTool {
  return McpTool.parse({ type: 'mcp', name: 'notes', url: server.url, ...more })
}

async function imported(server: { url: string }, more: object = {}): Promise<McpTool> {
  const written = config(server, more)
  return { ...written, imported: await importMcp(written, connector, NOW) }
}

async function tools(server: { url: string }, more: object = {}): Promise<Map<string, RunTool>> {
  return new Map(createMcpTools(await imported(server, more), connector).map((tool) => [tool.name, tool]))
}

/** A run: calls tools by name, and ends. */
function startRun(known: Map<string, RunTool>) {
  const scope = new AsyncDisposableStack()
  const abort = new AbortController()
  return {
    abort,
    call(name: string, args: unknown = {}): Promise<unknown> {
      const tool = known.get(name)
      if (!tool) throw new Error(`no tool ${name}`)
      return tool.call(args, { scope, signal: abort.signal, idempotencyKey: `key of ${name}` })
    },
    async error(name: string, args: unknown = {}): Promise<string> {
      const error = await this.call(name, args).catch((thrown: unknown) => thrown)
      if (error instanceof ToolError) return error.message
      throw new Error('the call did not fail as expected', { cause: error })
    },
    end: () => scope.disposeAsync(),
  }
}

async function importError(written: McpTool): Promise<{ pointer: string; message: string }> {
  const error = await importMcp(written, connector, NOW).catch((thrown: unknown) => thrown)
  if (error instanceof ImportError) return { pointer: error.pointer, message: error.message }
  throw new Error('it could be imported', { cause: error })
}

describe.each<McpMode>(['stateless', 'stateful', 'modern'])('a %s server', (mode) => {
  it('is asked for its tools, with what it says of them', async () => {
    const { imported: found } = await imported(await start(TOOLS, mode))
    expect(found).toMatchObject({
      imported_at: NOW.toISOString(),
      server: { name: 'test-server', version: '1.2.3' },
      tools: [
        {
          tool: 'read.notes',
          name: 'notes_read_notes',
          description: 'Reads notes.',
          access: 'read',
          idempotent: true,
          parameters: { required: ['about'] },
        },
        { tool: 'add_note', name: 'notes_add_note', access: 'write', idempotent: false },
        { tool: 'put_note', name: 'notes_put_note', access: 'write', idempotent: true },
        { tool: 'wipe', name: 'notes_wipe', access: 'write', idempotent: false, approval: 'always' },
      ],
    })
    expect(found?.tools.map(({ approval }) => approval)).toEqual([undefined, undefined, undefined, 'always'])
  })

  it('is spoken to in its own revision of the protocol', async () => {
    const server = await start(TOOLS, mode)
    await imported(server)
    // 2026-07-28 knows no handshake; 2025-11-25 begins with one.
    expect(server.asked.includes('initialize')).toBe(mode !== 'modern')
  })

  it('is called, with headers made of secrets and the key of the call', async () => {
    const server = await start(TOOLS, mode)
    const run = startRun(await tools(server, { headers: { authorization: 'Bearer {{ secrets.TOKEN }}' } }))
    expect(await run.call('notes_read_notes', { about: 'cats' })).toEqual({ text: 'notes about cats' })
    expect(server.calls).toMatchObject([
      {
        tool: 'read.notes',
        args: { about: 'cats' },
        headers: { authorization: `Bearer ${TOKEN}` },
        idempotencyKey: 'key of notes_read_notes',
      },
    ])
    await run.end()
  })

  it('is away, and back again, while a run goes on', async () => {
    const server = await start(TOOLS, mode)
    const run = startRun(await tools(server))
    expect(await run.call('notes_add_note')).toEqual({ text: 'added' })
    await server.stop()
    expect(await run.error('notes_add_note')).toMatch(/could not be reached/)
    expect(await run.error('notes_add_note')).toMatch(/could not be reached/)
    await server.start()
    expect(await run.call('notes_add_note')).toEqual({ text: 'added' })
    await run.end()
  })

  it('starts anew between two calls, which goes unnoticed where a call may be repeated', async () => {
    const server = await start(TOOLS, mode)
    const run = startRun(await tools(server))
    await run.call('notes_read_notes', { about: 'a' })
    await server.stop()
    await server.start()
    expect(await run.call('notes_read_notes', { about: 'b' })).toEqual({ text: 'notes about b' })
    await run.end()
  })
})

describe('the tools of a server', () => {
  it('are those that were chosen, as the person decides about them', async () => {
    const known = await tools(await start(), {
      tools: ['wipe', 'add_note'],
      access: { add_note: 'read' },
      approval: { wipe: 'never', add_note: 'unverified' },
    })
    expect([...known.values()].map(({ name, access, approval }) => ({ name, access, approval }))).toEqual([
      { name: 'notes_wipe', access: 'write', approval: 'never' },
      { name: 'notes_add_note', access: 'read', approval: 'unverified' },
    ])
  })

  it('are those of all its pages', async () => {
    const server = await start(Array.from({ length: 30 }, (_, n) => ({ name: `tool_${n}`, call: () => '' })))
    expect((await imported(server)).imported?.tools.length).toBe(30)
  })

  it('keep a dialect that can be checked, and lose others', async () => {
    const dialects = ['http://json-schema.org/draft-07/schema#', 'http://json-schema.org/draft-04/schema#']
    const server = await start(
      dialects.map(($schema, n) => ({
        name: `t${n}`,
        inputSchema: { $schema, type: 'object' },
        call: () => '',
      })),
    )
    const known = [...(await tools(server)).values()]
    expect(known.map(({ parameters }) => parameters['$schema'])).toEqual([dialects[0], undefined])
    for (const tool of known) expect(await tool.check({})).toBeUndefined()
  })

  it('check their arguments', async () => {
    const tool = (await tools(await start())).get('notes_read_notes')
    expect(await tool?.check({ about: 'x' })).toBeUndefined()
    expect(await tool?.check({})).toMatch(/must have required property 'about'/)
  })

  it('get names that every provider takes, each its own', async () => {
    const names = ['a.b', 'a b', 'x'.repeat(80), `${'x'.repeat(80)}y`, 'ünïcode', 'A_B']
    const server = await start(names.map((name) => ({ name, call: () => name })))
    const known = await tools(server)
    expect(known.size).toBe(names.length)
    for (const name of known.keys()) expect(name).toMatch(/^notes_[a-zA-Z0-9_-]{1,58}$/)
    const run = startRun(known)
    const answers = await Promise.all([...known.keys()].map((name) => run.call(name)))
    expect(answers).toEqual(names.map((text) => ({ text })))
    await run.end()
  })
})

describe('what cannot be imported', () => {
  it('is a server of the transport of 2024, which is named', async () => {
    const old = await startHttpServer((request, response) => {
      if (request.method !== 'GET') response.writeHead(405).end()
      else {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write('event: endpoint\ndata: /messages?session=1\n\n')
      }
      return Promise.resolve()
    })
    try {
      expect(await importError(config({ url: `${old.origin}/sse` }))).toEqual({
        pointer: '/url',
        message: expect.stringMatching(
          /^the server speaks HTTP\+SSE, .* not supported: give the address of its Streamable/,
        ),
      })
    } finally {
      await old.stop()
    }
  })

  it('are more tools than an agent may have, before any of them is looked at', async () => {
    const many = Array.from({ length: 129 }, (_none, at) => ({ name: `t${at}`, call: () => '' }))
    const server = await start([
      ...many,
      { name: 'odd', inputSchema: { type: 'object', $ref: '#/nothing' }, call: () => '' },
    ])
    expect(await importError(config(server))).toEqual({
      pointer: '/tools',
      message: 'the server has 130 tools, and an agent can have 128: list the ones it needs here',
    })
    expect((await imported(server, { tools: ['t7'] })).imported?.tools).toMatchObject([{ tool: 't7' }])
  })

  it.each([
    ['a server that is away', { url: 'http://127.0.0.1:9/mcp' }, '/url', /could not be reached/],
    ['an address that is not public', { url: 'http://10.1.2.3/mcp' }, '/url', /not a public address/],
    ['a secret that is not there', { headers: { a: '{{ secrets.NO }}' } }, '/url', /secret NO/],
    ['a tool that it does not have', { tools: ['nothing'] }, '/tools', /no tool nothing; it has read.notes/],
  ])('%s', async (_what, more, pointer, message) => {
    const server = await start()
    expect(await importError(config(server, more))).toEqual({
      pointer,
      message: expect.stringMatching(message),
    })
  })

  it('a web page', async () => {
    const { startToolServer } = await import('../../../test/harness/toolServer.ts')
    const web = await startToolServer()
    web.handle(({ path }) =>
      path === '/401'
        ? { status: 401, body: {} }
        : { headers: { 'content-type': 'text/html' }, body: '<p>Hello' },
    )
    expect(await importError(config({ url: `${web.url}/401` }))).toEqual({
      pointer: '/url',
      message: expect.stringMatching(/rejected the credentials or requires some/),
    })
    expect((await importError(config(web))).message).toMatch(/could not be used|HTTP/)
    await web.stop()
  })

  it('too much', async () => {
    const server = await start([
      ...TOOLS,
      { name: 'huge', inputSchema: { type: 'object', description: 'x'.repeat(1_100_000) }, call: () => '' },
    ])
    expect(await importError(config(server))).toMatchObject({ pointer: '/tools' })
    expect((await imported(server, { tools: ['wipe'] })).imported?.tools.length).toBe(1)
  })
})

describe('the calls of a run', () => {
  const who: McpTestTool[] = [{ name: 'who', call: ({ session }) => session }]

  it('share a session, which ends with the run', async () => {
    const server = await start(who)
    const known = await tools(server)
    await waitFor(() => server.sessions() === 0)
    const one = startRun(known)
    const other = startRun(known)
    const [first, second] = await Promise.all([one.call('notes_who'), one.call('notes_who')])
    expect(await one.call('notes_who')).toEqual(first)
    expect(second).toEqual(first)
    expect(await other.call('notes_who')).not.toEqual(first)
    expect(server.sessions()).toBe(2)
    await one.end()
    expect(server.sessions()).toBe(1)
    await other.end()
    expect(server.sessions()).toBe(0)
  })

  it('go on in a new session when the server has forgotten theirs, and are made once', async () => {
    const server = await start([{ name: 'write', call: ({ session }) => session }])
    const run = startRun(await tools(server))
    const first = await run.call('notes_write')
    server.forget()
    const again = await Promise.all([run.call('notes_write'), run.call('notes_write')])
    for (const one of again) expect(one).not.toEqual(first)
    expect(server.calls.length).toBe(3)
    await run.end()
  })

  it('ask a server of 2025 only once how it speaks', async () => {
    const server = await start(who)
    const known = await tools(server)
    for (const run of [startRun(known), startRun(known)]) {
      await run.call('notes_who')
      await run.end()
    }
    expect(server.asked.filter((method) => method === 'server/discover').length).toBe(1)
    expect(server.asked.filter((method) => method === 'initialize').length).toBe(3)
  })

  it('do not wait beyond the end of the run', async () => {
    let release = (): void => {}
    const server = await start([
      { name: 'hang', call: () => new Promise<string>((resolve) => (release = () => resolve('late'))) },
    ])
    const run = startRun(await tools(server))
    const call = run.call('notes_hang')
    await waitFor(() => server.calls.length === 1)
    const reason = new Error('cancelled')
    run.abort.abort(reason)
    await expect(call).rejects.toBe(reason)
    release()
    await run.end()
  })

  it('that are cut off say whether they may have taken effect', async () => {
    const server = await start([
      { name: 'write', call: () => new Promise<string>(() => {}) },
      { name: 'read', annotations: { readOnlyHint: true }, call: () => new Promise<string>(() => {}) },
    ])
    const run = startRun(await tools(server))
    const calls = [run.error('notes_write'), run.error('notes_read')]
    await waitFor(() => server.calls.length === 2)
    await server.stop()
    const [write, read] = await Promise.all(calls)
    expect(write).toMatch(/^The call failed: .*Whether the call took effect is unknown\.$/)
    expect(read).toMatch(/^The call failed: /)
    expect(read).not.toMatch(/unknown/)
    await run.end()
  })
})

describe('what the model is told', () => {
  async function result(call: McpTestTool['call']): Promise<unknown> {
    const run = startRun(
      await tools(await start([{ name: 'one', call }]), { headers: { 'x-token': '{{ secrets.TOKEN }}' } }),
    )
    try {
      return await run.call('notes_one')
    } finally {
      await run.end()
    }
  }

  it('holds no secret, neither in text nor in data', async () => {
    const text = { type: 'text' as const, text: `you sent ${TOKEN}` }
    expect(await result(() => ({ content: [text] }))).toEqual({ text: 'you sent [redacted]' })
    expect(await result(() => ({ content: [text], structuredContent: { sent: [TOKEN] } }))).toEqual({
      data: { sent: ['[redacted]'] },
    })
    await expect(result(() => ({ content: [text], isError: true }))).rejects.toThrow('you sent [redacted]')
  })

  const PNG = Buffer.from('a picture').toString('base64')

  it('is text and images, wherever the server puts them', async () => {
    const content: McpToolResult['content'] = [
      { type: 'text', text: 'Look:' },
      { type: 'image', data: PNG, mimeType: 'image/png' },
      { type: 'resource', resource: { uri: 'file:///a.webp', mimeType: 'image/webp', blob: PNG } },
      { type: 'resource', resource: { uri: 'file:///a.txt', text: 'From a file.' } },
      { type: 'resource_link', name: 'Plan', uri: 'https://example.com/plan', mimeType: 'text/plain' },
    ]
    const images = [
      { media_type: 'image/png', data: PNG },
      { media_type: 'image/webp', data: PNG },
    ]
    const text = 'Look:\n\nFrom a file.\n\nPlan: https://example.com/plan (text/plain)'
    expect(await result(() => ({ content }))).toEqual({ text, images })
    expect(await result(() => ({ content, structuredContent: { n: 1 } }))).toEqual({ data: { n: 1 }, images })
  })

  it('names what is left out, with its type and size', async () => {
    const content: McpToolResult['content'] = [
      { type: 'audio', data: PNG, mimeType: 'audio/wav' },
      { type: 'resource', resource: { uri: 'file:///a.pdf', mimeType: 'application/pdf', blob: PNG } },
      { type: 'resource', resource: { uri: `file:///${TOKEN}`, blob: PNG } },
      { type: 'image', data: PNG, mimeType: 'image/svg+xml' },
    ]
    expect(await result(() => ({ content }))).toEqual({
      note:
        'Audio (audio/wav, 9 bytes) is not shown. ' +
        'The file file:///a.pdf (application/pdf, 9 bytes) is not shown. ' +
        'The file file:///[redacted] (application/octet-stream, 9 bytes) is not shown. ' +
        'An image (image/svg+xml, 9 bytes) is not shown: models cannot read this type.',
    })
  })

  it('has so many images and so large ones as a model can take', async () => {
    const image = (data: string) => ({ type: 'image' as const, data, mimeType: 'image/png' })
    expect(await result(() => ({ content: Array.from({ length: 9 }, () => image(PNG)) }))).toEqual({
      images: Array.from({ length: 8 }, () => ({ media_type: 'image/png', data: PNG })),
      note: 'An image (image/png, 9 bytes) is not shown: a result can have 8 images.',
    })
    expect(await result(() => ({ content: [image('A'.repeat(5_000_000)), image(PNG)] }))).toEqual({
      images: [{ media_type: 'image/png', data: PNG }],
      note: 'An image (image/png, 3.8 MB) is not shown: the images of the result are too large.',
    })
  })

  it('is cut where it is long', async () => {
    const long = 'x'.repeat(70_000)
    expect(await result(() => long)).toEqual({
      text: 'x'.repeat(65_536),
      note: 'The text is truncated: these are the first 65536 of 70000 characters.',
    })
    const cut = await result(() => ({
      content: [{ type: 'text', text: long }],
      structuredContent: { long },
    }))
    expect(cut).toMatchObject({ note: expect.stringMatching(/truncated/) })
  })

  it('is an error when the server says so, in its words', async () => {
    const failed = result(() => ({ content: [{ type: 'text', text: 'No such note.' }], isError: true }))
    await expect(failed).rejects.toThrow(new ToolError('No such note.'))
    await expect(result(() => ({ content: [], isError: true }))).rejects.toThrow('without an error message')
    const broken = result(() => {
      throw new Error('the disk is full')
    })
    await expect(broken).rejects.toThrow(/^The call failed: the server reported: .*the disk is full/)
  })
})
