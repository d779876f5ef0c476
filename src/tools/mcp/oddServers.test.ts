import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readBody, startHttpServer, type HttpServer } from '../../../test/harness/httpServer.ts'
import { McpTool } from '../../contract/mcpTool.ts'
import { createGuardedFetch } from '../guardedFetch.ts'
import { createMcpConnector, type McpConnector } from './connector.ts'
import { createMcpTools } from './mcpTools.ts'

let connector: McpConnector
let fetch: ReturnType<typeof createGuardedFetch>
let server: HttpServer | undefined

beforeEach(() => {
  fetch = createGuardedFetch({ allowPrivateNetworks: ['127.0.0.0/8'] })
  connector = createMcpConnector({
    fetch,
    secrets: () => Promise.resolve(undefined),
    commands: [],
    environment: {},
    version: '0.0.0',
  })
})

afterEach(async () => {
  await connector.close()
  await fetch.close()
  await server?.stop()
  server = undefined
})

type Rpc = { id?: unknown; method?: string; result?: unknown; error?: unknown }

/** Answers one call of a tool, written by hand; `got` holds all that the client has sent so far. */
type CallHandler = (response: ServerResponse, id: unknown, got: Rpc[]) => void | Promise<void>

/** A server of 2025 whose answers to calls are written by hand. */
async function call(handler: CallHandler, signal = new AbortController().signal): Promise<unknown> {
  const got: Rpc[] = []
  server = await startHttpServer(async (request, response) => {
    const body = await readBody(request)
    if (body === '') {
      response.writeHead(405).end()
      return
    }
    const message: Rpc = JSON.parse(body)
    got.push(message)
    const answer = (result: object): void => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }))
    }
    if (message.method === 'initialize') {
      answer({
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'odd', version: '1' },
      })
    } else if (message.method === 'tools/call') await handler(response, message.id, got)
    else if (message.method === 'server/discover') response.writeHead(400).end()
    else response.writeHead(202).end()
  })
  const tool = { tool: 'go', name: 'odd_go', description: '', parameters: { type: 'object' } }
  const config = McpTool.parse({
    type: 'mcp',
    name: 'odd',
    url: `${server.origin}/mcp`,
    imported: {
      imported_at: '2026-05-01T10:00:00Z',
      tools: [{ ...tool, access: 'write', idempotent: false }],
    },
  })
  await using scope = new AsyncDisposableStack()
  const [made] = createMcpTools(config, connector)
  return await made?.call({}, { scope, signal, idempotencyKey: 'k' })
}

const LARGE = 'x'.repeat(11 * 1024 * 1024)
const RESULT = { content: [{ type: 'text', text: 'went' }] }

function stream(response: ServerResponse): (message: object) => void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  return (message) => void response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`)
}

describe('an answer is found', () => {
  it('among comments, notifications, answers to nobody and lines that are no messages', async () => {
    const result = await call((response, id) => {
      const send = stream(response)
      response.write(': ping\n\n: ping\r\n\r\nevent: other\ndata: {}\n\nretry: 10\n\n')
      send({ method: 'notifications/message', params: { level: 'info', data: 'x' } })
      send({ method: 'notifications/progress', params: { progressToken: 99, progress: 1 } })
      send({ id: 'nobody', result: RESULT })
      send({ id: 12_345, error: { code: 1, message: 'no' } })
      response.write('data: this is no JSON\n\ndata: {"jsonrpc":"1.0"}\n\n')
      send({ id, result: RESULT })
      response.end()
    })
    expect(result).toEqual({ text: 'went' })
  })

  it('after requests of the server, which get an answer each', async () => {
    const result = await call(async (response, id, got) => {
      const send = stream(response)
      send({ id: 'p', method: 'ping' })
      send({ id: 's', method: 'sampling/createMessage', params: { messages: [], maxTokens: 1 } })
      send({ id: 'u', method: 'no/such' })
      while (!['p', 's', 'u'].every((one) => got.some((message) => message.id === one))) {
        await new Promise((resolve) => setImmediate(resolve))
      }
      send({ id, result: RESULT })
      response.end()
    })
    expect(result).toEqual({ text: 'went' })
  })
})

describe('a call fails with a reason', () => {
  it.each<[string, CallHandler, RegExp]>([
    [
      'when the answer is of another call',
      (response) => {
        const send = stream(response)
        send({ id: 'nobody', result: RESULT })
        response.end()
      },
      /closed before it responded/,
    ],
    [
      'when the answer is no result',
      (response, id) => {
        stream(response)({ id, result: { content: 'went' } })
        response.end()
      },
      /^The call failed: the server returned an invalid result for tools\/call: \/content must be a list\. Whether the call took effect is unknown\.$/,
    ],
    [
      'when the answer is larger than the limit, as a stream',
      (response, id) => {
        stream(response)({ id, result: { content: [{ type: 'text', text: LARGE }] } })
        response.end()
      },
      /the response is larger than 10485760 bytes\. Whether the call took effect is unknown\.$/,
    ],
    [
      'when the answer is larger than the limit, as a document',
      (response, id) => {
        const result = { content: [{ type: 'text', text: LARGE }] }
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify({ jsonrpc: '2.0', id, result }))
      },
      /the response is larger than 10485760 bytes\. Whether the call took effect is unknown\.$/,
    ],
    [
      'when the tool is gone',
      (response, id) => {
        stream(response)({ id, error: { code: -32_602, message: 'Unknown tool: go' } })
        response.end()
      },
      /the server reported: .*Unknown tool: go/,
    ],
    [
      'when the answer is a web page',
      (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>'),
      /Unexpected content type: text\/html/,
    ],
  ])('%s', async (_when, handler, message) => {
    const failure = await call(handler).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(Error)
    const text = failure instanceof Error ? failure.message : ''
    expect(text).toMatch(/^The call failed: [^\n]+$/)
    expect(text).toMatch(message)
    expect(String(failure).length).toBeLessThan(1_000)
  })

  it('when the answer never ends', async () => {
    const stop = new AbortController()
    const reason = new Error('the time of the tool is over')
    const outcome = call((response) => {
      stream(response)
      const timer = setInterval(() => response.write(': still here\n\n'), 5)
      response.once('close', () => clearInterval(timer))
      setTimeout(() => stop.abort(reason), 100)
    }, stop.signal)
    await expect(outcome).rejects.toBe(reason)
  })
})
