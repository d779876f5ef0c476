import { AsyncLocalStorage } from 'node:async_hooks'
import {
  Client,
  StreamableHTTPClientTransport,
  type CallToolResult,
  type FetchLike,
  type Tool,
} from '@modelcontextprotocol/client'
import type { InputNeeded } from './inputNeeded.ts'
import type { McpCall } from './mcpCall.ts'
import { createListening } from './listening.ts'
import { BROKEN_OFF, McpError, toMcpError } from './mcpError.ts'
import { speaksHttpSse } from './oldTransport.ts'
import { createOpenCalls } from './openCalls.ts'
import { untilAnswered } from './putOffCalls.ts'
import { createStdioTransport } from './stdioTransport.ts'

/** The endpoint of a server, with all templates rendered. */
export type McpEndpoint =
  | { url: URL; headers: Record<string, string> }
  | { command: string; args: readonly string[]; env: Record<string, string> }

export type { CallToolResult, Tool }

/** A connection to a server. Its methods throw McpError, or the reason of a signal that is aborted. */
export type McpConnection = {
  server: { name: string; version: string } | undefined
  /** It speaks the protocol of 2025: passing this to the next connection saves a request. */
  isLegacy: boolean
  listTools(): Promise<Tool[]>
  callTool(call: McpCall): Promise<CallToolResult | InputNeeded>
  /** Ends the session, and the program of a server that is one. */
  close(): Promise<void>
}

/** Maximum time to establish a connection. */
const CONNECT_MS = 15_000

/** Maximum time of one call: its run sets the effective limit, and ends the wait. */
const CALL_MS = 12 * 3_600_000

/** How long to wait for a server to confirm the end of its session. */
const FAREWELL_MS = 2_000

const OLD_TRANSPORT =
  'the server speaks HTTP+SSE, the transport of 2024, which is not supported: ' +
  'give the address of its Streamable HTTP transport, which often ends in /mcp, or update the server'

/** How long a server may take to report its protocol version. */
const PROBE_MS = 5_000

/**
 * Connects to a server, in whichever protocol version it speaks.
 *
 * @throws McpError
 */
export async function connect(
  endpoint: McpEndpoint,
  {
    fetch,
    redact,
    isLegacy,
    version,
  }: {
    fetch: FetchLike
    redact: (text: string) => string
    isLegacy: boolean
    version: string
  },
): Promise<McpConnection> {
  const stdio = 'command' in endpoint ? createStdioTransport(endpoint) : undefined
  const listening = createListening(fetch, (error) => {
    const sending = requests.getStore()
    if (sending) sending.failure = error
  })
  const http = 'url' in endpoint ? httpTransport(endpoint, listening.fetch) : undefined
  const transport = stdio ?? http
  if (!transport) throw new Error('an endpoint has a URL or a command')
  const client = new Client(
    { name: 'bellwire', version },
    {
      versionNegotiation: { mode: 'auto', probe: { timeoutMs: PROBE_MS } },
      capabilities: { elicitation: { form: {} } },
      inputRequired: { autoFulfill: false },
    },
  )
  const calls = createOpenCalls()
  client.setRequestHandler('elicitation/create', (request) => calls.ask(request))
  const explain = (error: unknown): McpError =>
    stdio?.failure() ?? toMcpError(error, { redact, hasSession: http?.sessionId !== undefined })

  async function close(): Promise<void> {
    if (http?.sessionId !== undefined) {
      const timer = setTimeout(() => void http.close(), FAREWELL_MS)
      await http.terminateSession().catch(() => {})
      clearTimeout(timer)
    }
    await client.close().catch(() => {})
    await stdio?.close()
  }

  try {
    await client.connect(transport, {
      timeout: CONNECT_MS,
      ...(isLegacy ? { prior: { kind: 'legacy' } } : {}),
    })
  } catch (error) {
    const failure = explain(error)
    await close()
    if ('url' in endpoint && failure.kind === 'answered') {
      const isOld = await speaksHttpSse(endpoint.url, { headers: endpoint.headers, fetch })
      if (isOld) throw new McpError('answered', OLD_TRANSPORT, { cause: error })
    }
    const last = redact(stdio?.stderr() ?? '')
    if (last === '' || failure.kind === 'refused') throw failure
    throw new McpError(failure.kind, `${failure.message}; its last error output: ${last}`, { cause: error })
  }

  const info = client.getServerVersion()
  return {
    server: info && { name: info.name, version: info.version },
    isLegacy: client.getProtocolEra() === 'legacy',

    async listTools() {
      try {
        const { tools } = await client.listTools(undefined, { timeout: CONNECT_MS })
        return tools
      } catch (error) {
        throw explain(error)
      }
    },

    async callTool({ tool, parameters, args, idempotencyKey, retry, answer, signal }) {
      await listening.ready(client.getProtocolEra() === 'legacy' && http?.sessionId !== undefined)
      try {
        return await calls.run(answer, signal, (callSignal) =>
          untilAnswered(retry, async (more) =>
            client.callTool(
              { name: tool, arguments: args, _meta: { idempotencyKey }, ...more },
              {
                signal: callSignal,
                timeout: CALL_MS,
                allowInputRequired: true,
                toolDefinition: { name: tool, inputSchema: { ...parameters, type: 'object' } },
              },
            ),
          ),
        )
      } catch (error) {
        signal.throwIfAborted()
        if (error instanceof McpError) throw error
        throw explain(error)
      }
    },

    close,
  }
}

function httpTransport(
  { url, headers }: { url: URL; headers: Record<string, string> },
  fetch: FetchLike,
): StreamableHTTPClientTransport {
  const transport = new StreamableHTTPClientTransport(url, {
    fetch,
    requestInit: { headers: { 'user-agent': 'Bellwire', ...headers } },
    // For responses that a server interrupts on purpose and resumes.
    reconnectionOptions: {
      initialReconnectionDelay: 500,
      maxReconnectionDelay: 5_000,
      reconnectionDelayGrowFactor: 2,
      maxRetries: 2,
    },
  })
  return endBrokenRequests(transport)
}

/** The request that is being sent, and the error that ended its response stream. */
const requests = new AsyncLocalStorage<{ failure?: unknown }>()

/**
 * A request whose response stream ends without a result fails at once, with the cause if there is one; the client alone
 * would wait for its time-out.
 */
function endBrokenRequests(transport: StreamableHTTPClientTransport): StreamableHTTPClientTransport {
  const send = transport.send.bind(transport)
  transport.send = (message, options) => {
    const sending: { failure?: unknown } = {}
    const onRequestStreamEnd = (): void => {
      if (!('method' in message) || !('id' in message)) return
      const data = { cause: sending.failure }
      const error = { code: BROKEN_OFF, message: 'the response was interrupted', data }
      transport.onmessage?.({ jsonrpc: '2.0', id: message.id, error })
    }
    return requests.run(sending, () => send(message, { ...options, onRequestStreamEnd }))
  }
  return transport
}
