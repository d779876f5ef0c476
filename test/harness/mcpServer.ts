import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import {
  createMcpHandler,
  isCallToolResult,
  isInputRequiredResult,
  Server as ModernServer,
} from '@modelcontextprotocol/server'
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import {
  CallToolRequestSchema,
  ElicitResultSchema,
  ListToolsRequestSchema,
  type ElicitRequestFormParams,
  type ElicitResult,
} from '@modelcontextprotocol/sdk/types.js'
import { readBody, startHttpServer, type HttpServer } from './httpServer.ts'

export type McpCall = {
  tool: string
  args: Record<string, unknown>
  headers: IncomingHttpHeaders
  /** The session of a stateful server; otherwise empty. */
  session: string
  idempotencyKey: unknown
  /** Asks the person behind the client, as a 2025 server does: in the response to the call, or on a separate stream. */
  elicit?: (params: ElicitParams, options?: { apart?: boolean }) => Promise<ElicitResult>
  /** What a 2026 client sends when it repeats a call. */
  inputResponses?: unknown
  requestState?: unknown
}

type ElicitParams = ElicitRequestFormParams

type Content =
  | { type: 'text'; text: string }
  | { type: 'image' | 'audio'; data: string; mimeType: string }
  | { type: 'resource_link'; name: string; uri: string; mimeType?: string; description?: string }
  | { type: 'resource'; resource: { uri: string; mimeType?: string; text: string } }
  | { type: 'resource'; resource: { uri: string; mimeType?: string; blob: string } }

/** What a 2026 server asks for before a call can continue. */
export type McpInputRequired = {
  resultType: 'input_required'
  inputRequests?: Record<string, { method: string; params?: object }>
  requestState?: string
}

export type McpToolResult = {
  content: Content[]
  structuredContent?: Record<string, unknown>
  isError?: boolean
}

type Answer = string | McpToolResult | McpInputRequired

export type McpTestTool = {
  name: string
  description?: string
  inputSchema?: { type: 'object'; [keyword: string]: unknown }
  annotations?: { readOnlyHint?: boolean; destructiveHint?: boolean; idempotentHint?: boolean }
  /** A text, or a whole result; from a 2026 server also what it asks for first. */
  call: (call: McpCall) => Answer | Promise<Answer>
}

/** `modern` speaks the 2026 protocol, which has no sessions; the others speak the 2025 one. */
export type McpMode = 'stateless' | 'stateful' | 'modern'

export type McpTestServer = {
  /** `http://127.0.0.1:PORT/mcp` */
  url: string
  /** Tool calls, as they arrived. */
  calls: McpCall[]
  /** The requests received over HTTP: the protocol method, or the HTTP method if there is no message. */
  asked: string[]
  /** Open sessions. */
  sessions(): number
  /** Changes the tools that it offers. */
  offer(tools: McpTestTool[]): void
  /** Forgets its sessions, as after a restart behind a proxy. */
  forget(): void
  /** Cuts every connection, and accepts none; after `start`, it has no sessions. */
  stop(): Promise<void>
  start(): Promise<void>
}

/** Tools per page of a list. */
const PAGE = 20

/** Starts a real MCP server on a free loopback port. */
export async function startMcpServer(
  first: McpTestTool[],
  mode: McpMode = 'stateful',
): Promise<McpTestServer> {
  let tools = first
  let http: HttpServer | undefined
  const calls: McpCall[] = []
  const asked: string[] = []
  const sessions = new Map<string, StreamableHTTPServerTransport>()

  async function call(
    {
      name,
      arguments: args = {},
      _meta,
    }: { name: string; arguments?: Record<string, unknown> | undefined; _meta?: object | undefined },
    headers: IncomingHttpHeaders,
    more: Pick<McpCall, 'elicit' | 'inputResponses' | 'requestState'> = {},
  ): Promise<McpToolResult | McpInputRequired> {
    const session = headers['mcp-session-id']
    const made: McpCall = {
      tool: name,
      args,
      headers,
      session: typeof session === 'string' ? session : '',
      idempotencyKey: _meta && 'idempotencyKey' in _meta ? _meta.idempotencyKey : undefined,
      ...more,
    }
    calls.push(made)
    const tool = tools.find((one) => one.name === name)
    if (!tool) throw new Error(`there is no tool ${name}`)
    const result = await tool.call(made)
    return typeof result === 'string' ? { content: [{ type: 'text', text: result }] } : result
  }

  /** A page of the tools. */
  function list(cursor = '0') {
    const end = Number(cursor) + PAGE
    const page = tools.slice(Number(cursor), end)
    return {
      tools: page.map(({ name, description, inputSchema = { type: 'object' as const }, annotations }) => ({
        name,
        inputSchema,
        ...(description === undefined ? {} : { description }),
        ...(annotations ? { annotations } : {}),
      })),
      ...(tools.length > end ? { nextCursor: String(end) } : {}),
    }
  }

  const INFO = { name: 'test-server', version: '1.2.3' }

  function createServer(headers: () => IncomingHttpHeaders): Server {
    const server = new Server(INFO, { capabilities: { tools: {} } })
    server.setRequestHandler(ListToolsRequestSchema, ({ params }) => list(params?.cursor))
    server.setRequestHandler(CallToolRequestSchema, ({ params }, extra) =>
      call({ ...params }, headers(), {
        elicit: (question, { apart = false } = {}) =>
          apart
            ? server.elicitInput(question)
            : extra.sendRequest({ method: 'elicitation/create', params: question }, ElicitResultSchema),
      }),
    )
    return server
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request)
    const message: unknown = body === '' ? undefined : JSON.parse(body)
    asked.push(methodOf(message) ?? request.method ?? '')
    if (mode === 'modern') await serveModern(request, response, body)
    else if (mode === 'stateless') await serveStateless(request, response, message)
    else await serveStateful(request, response, message)
  }

  async function serveStateless(request: IncomingMessage, response: ServerResponse, message: unknown) {
    if (request.method !== 'POST') {
      response.writeHead(405).end()
      return
    }
    const transport = new StreamableHTTPServerTransport({})
    const server = createServer(() => request.headers)
    await server.connect(transport)
    response.once('close', () => void server.close())
    await transport.handleRequest(request, response, message)
  }

  async function serveStateful(request: IncomingMessage, response: ServerResponse, message: unknown) {
    const id = request.headers['mcp-session-id']
    const known = typeof id === 'string' ? sessions.get(id) : undefined
    if (known) {
      latest.set(known, request.headers)
      await known.handleRequest(request, response, message)
      return
    }
    if (methodOf(message) !== 'initialize') {
      const code = id === undefined ? 400 : 404
      const error = { code: -32_000, message: 'there is no such session' }
      response.writeHead(code, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ jsonrpc: '2.0', error, id: null }))
      return
    }
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (session) => void sessions.set(session, transport),
      onsessionclosed: (session) => void sessions.delete(session),
    })
    await createServer(() => latest.get(transport) ?? {}).connect(transport)
    await transport.handleRequest(request, response, message)
  }

  /** The headers of each session's newest request. */
  const latest = new WeakMap<StreamableHTTPServerTransport, IncomingHttpHeaders>()

  async function serveModern(request: IncomingMessage, response: ServerResponse, body: string) {
    const handler = createMcpHandler(
      () => {
        const server = new ModernServer(INFO, { capabilities: { tools: {} } })
        server.setRequestHandler('tools/list', ({ params }) => list(params?.cursor))
        server.setRequestHandler('tools/call', async ({ params }, { mcpReq }) => {
          const result: object = await call({ ...params }, request.headers, {
            inputResponses: mcpReq.inputResponses,
            requestState: mcpReq.requestState(),
          })
          return isCallToolResult(result) || isInputRequiredResult(result) ? result : { content: [] }
        })
        return server
      },
      { legacy: 'reject' },
    )
    const headers = new Headers(
      Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]),
    )
    const answer = await handler.fetch(
      new Request(`http://127.0.0.1${request.url}`, {
        method: request.method ?? 'GET',
        headers,
        ...(body === '' ? {} : { body }),
      }),
    )
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    response.end(Buffer.from(await answer.arrayBuffer()))
  }

  http = await startHttpServer(serve)
  const { origin } = http
  return {
    url: `${origin}/mcp`,
    calls,
    asked,
    sessions: () => sessions.size,
    offer: (next) => void (tools = next),
    forget: () => sessions.clear(),
    async stop() {
      await http?.stop()
      http = undefined
      sessions.clear()
    },
    async start() {
      http ??= await startHttpServer(serve, Number(new URL(origin).port))
    },
  }
}

function methodOf(message: unknown): string | undefined {
  return typeof message === 'object' && message !== null && 'method' in message
    ? String(message.method)
    : undefined
}
