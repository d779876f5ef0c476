import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { readBody, startHttpServer, waitOrClose } from './httpServer.ts'
import { say, type Message, type Reply } from './modelReply.ts'

export * from './modelReply.ts'

/** A request in the OpenAI chat-completions format, as far as tests read it. */
export type ChatRequest = {
  model: string
  stream?: boolean
  stream_options?: { include_usage?: boolean }
  messages: {
    role: string
    content: unknown
    tool_calls?: { id: string; function: { name: string; arguments: string } }[]
    tool_call_id?: string
  }[]
  tools?: { function: { name: string; description?: string; parameters: unknown } }[]
  response_format?: unknown
}

export type Recorded = {
  path: string
  headers: IncomingHttpHeaders
  body: ChatRequest
  /** Aborted if the connection is closed before the answer was sent. */
  cut: AbortSignal
}

export type ReplyHandler = (request: Recorded, index: number) => Reply | Promise<Reply>

export type ModelServer = {
  /** Base URL, `/v1` included. */
  url: string
  /** Every request so far, oldest first. */
  requests: Recorded[]
  /** Decides all further answers. Without it, the server repeats the user's text. */
  handle(handler: ReplyHandler): void
  /** Answers the next requests with these, in order. */
  script(...replies: Reply[]): void
  /** From now on requests without this key get a 401; undefined: none is needed. */
  requireKey(key: string | undefined): void
  /** Clears requests, script, handler and key. */
  reset(): void
  stop(): Promise<void>
}

/**
 * Starts a server that speaks the OpenAI chat-completions wire format and answers as the test specifies. It lists one
 * model, `test-model`, and accepts any.
 */
export async function startModelServer(handler: ReplyHandler = echo): Promise<ModelServer> {
  const requests: Recorded[] = []
  const scripted: Reply[] = []
  let handle = handler
  let needed: string | undefined

  const server = await startHttpServer(async (request, response) => {
    if (needed !== undefined && request.headers.authorization !== `Bearer ${needed}`) {
      const error = {
        message: 'Incorrect API key provided',
        type: 'invalid_request_error',
        code: 'invalid_api_key',
      }
      response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify({ error }))
      return
    }
    if (request.method === 'GET') {
      const list = { object: 'list', data: [{ id: 'test-model', object: 'model' }] }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(list))
      return
    }
    const text = await readBody(request)
    const cut = new AbortController()
    response.once('close', () => {
      if (!response.writableFinished) cut.abort()
    })
    const recorded: Recorded = {
      path: request.url ?? '',
      headers: request.headers,
      body: JSON.parse(text),
      cut: cut.signal,
    }
    const index = requests.push(recorded) - 1
    const reply = scripted.shift() ?? (await handle(recorded, index))
    if (reply.delayMs) await waitOrClose(response, reply.delayMs)
    if (response.destroyed) return
    if (reply.kind === 'message') await sendMessage(response, recorded.body, reply, index)
    else if (reply.kind === 'raw') sendRaw(response, reply)
    else if (reply.kind === 'endless') await sendEndless(response, recorded.body, reply.unit)
  })

  return {
    url: `${server.origin}/v1`,
    requests,
    handle: (next) => (handle = next),
    requireKey: (key) => (needed = key),
    script: (...replies) => void scripted.push(...replies),
    reset() {
      requests.length = 0
      scripted.length = 0
      handle = handler
      needed = undefined
    },
    stop: server.stop,
  }
}

/** The user's last text. */
export function userText({ messages }: ChatRequest): string {
  const content = messages.findLast(({ role }) => role === 'user')?.content
  return typeof content === 'string' ? content : JSON.stringify(content ?? '')
}

function echo({ body }: Recorded): Reply {
  return say(`echo: ${userText(body)}`)
}

function sendRaw(response: ServerResponse, reply: Extract<Reply, { kind: 'raw' }>): void {
  if (!reply.cut) {
    response.writeHead(reply.status, reply.headers).end(reply.body)
    return
  }
  response.writeHead(reply.status, { ...reply.headers, 'content-length': String(reply.body.length + 100) })
  response.write(reply.body, () => response.destroy())
}

/** Sends as fast as the other side reads, until it disconnects. */
async function sendEndless(response: ServerResponse, { stream }: ChatRequest, unit: string): Promise<void> {
  const text = unit.repeat(Math.ceil(16_384 / unit.length))
  const delta = { id: 'x', choices: [{ index: 0, delta: { content: text } }] }
  const piece = stream ? `data: ${JSON.stringify(delta)}\n\n` : JSON.stringify(text).slice(1, -1)
  response.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' })
  const start = stream ? '' : '{"choices":[{"message":{"role":"assistant","content":"'
  function* pieces(): Generator<string> {
    yield start + piece
    for (;;) yield piece
  }
  // It ends with an error, because the other side has disconnected.
  await pipeline(Readable.from(pieces()), response).catch(() => {})
}

async function sendMessage(
  response: ServerResponse,
  request: ChatRequest,
  message: Message,
  index: number,
): Promise<void> {
  const base = { id: `chatcmpl-${index}`, created: 1_700_000_000, model: request.model }
  const toolCalls = (message.toolCalls ?? []).map((call, at) => ({
    index: at,
    id: call.id ?? `call_${index}_${at}`,
    type: 'function',
    function: {
      name: call.name,
      arguments: typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments),
    },
  }))
  const finishReason = message.finishReason ?? (toolCalls.length > 0 ? 'tool_calls' : 'stop')
  if (request.stream) {
    await sendStream(response, request, message, { base, toolCalls, finishReason })
    return
  }
  const body = JSON.stringify({
    ...base,
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        finish_reason: finishReason,
        message: {
          role: 'assistant',
          content: message.text === '' ? null : message.text,
          ...(message.reasoning ? { reasoning_content: message.reasoning } : {}),
          ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
        },
      },
    ],
    usage: usageOf(message),
  })
  response.writeHead(200, { 'content-type': 'application/json' }).end(body)
}

type StreamParts = {
  base: { id: string; created: number; model: string }
  toolCalls: { index: number; id: string; type: string; function: { name: string; arguments: string } }[]
  finishReason: string
}

async function sendStream(
  response: ServerResponse,
  request: ChatRequest,
  message: Message,
  { base, toolCalls, finishReason }: StreamParts,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const send = (choices: unknown[], more: object = {}): void => {
    const chunk = { ...base, object: 'chat.completion.chunk', choices, ...more }
    response.write(`data: ${JSON.stringify(chunk)}\n\n`)
  }
  const sendDelta = (delta: object): void => send([{ index: 0, delta, finish_reason: null }])

  sendDelta({ role: 'assistant', content: '' })
  for (const piece of message.reasoning?.match(/\s*\S+\s*/g) ?? []) sendDelta({ reasoning_content: piece })
  const pieces = message.pieces ?? message.text.match(/\s*\S+\s*/g) ?? []
  for (const [at, piece] of pieces.entries()) {
    if (message.pieceDelayMs) await waitOrClose(response, message.pieceDelayMs)
    await message.beforePiece?.(at)
    if (message.cutBeforePiece === at) {
      response.destroy()
      return
    }
    if (response.destroyed) return
    sendDelta({ content: piece })
  }
  for (const call of toolCalls) {
    const { arguments: text, name } = call.function
    const half = Math.ceil(text.length / 2)
    sendDelta({ tool_calls: [{ ...call, function: { name, arguments: '' } }] })
    for (const part of [text.slice(0, half), text.slice(half)]) {
      sendDelta({ tool_calls: [{ index: call.index, function: { arguments: part } }] })
    }
  }
  send([{ index: 0, delta: {}, finish_reason: finishReason }])
  if (request.stream_options?.include_usage) send([], { usage: usageOf(message) })
  response.end('data: [DONE]\n\n')
}

function usageOf({ usage = { input: 10, output: 5 } }: Message): object {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cached ?? 0 },
    completion_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
  }
}
