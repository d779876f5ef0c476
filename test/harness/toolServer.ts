import type { IncomingHttpHeaders } from 'node:http'
import { readBody, startHttpServer, waitOrClose } from './httpServer.ts'

export type ToolRequest = {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: string
  /** The value of Idempotency-Key; empty if there is none. */
  key: string
}

export type ToolReply = {
  status?: number
  headers?: Record<string, string>
  /** Anything but a string or bytes is sent as JSON. */
  body?: unknown
  delayMs?: number
  /** Breaks the connection instead of answering. */
  cut?: boolean
}

export type ToolServer = {
  /** `http://127.0.0.1:PORT` */
  url: string
  requests: ToolRequest[]
  /** How many requests carried each Idempotency-Key. */
  perKey(): Map<string, number>
  /** Decides all further responses; by default `{"ok":true}`. */
  handle(handler: (request: ToolRequest) => ToolReply | Promise<ToolReply>): void
  /** Clears requests and handler. */
  reset(): void
  stop(): Promise<void>
}

/** Starts a server that tools can call: it records every request and responds as the test specifies. */
export async function startToolServer(): Promise<ToolServer> {
  const requests: ToolRequest[] = []
  const agree = (): ToolReply => ({ body: { ok: true } })
  let handle: (request: ToolRequest) => ToolReply | Promise<ToolReply> = agree

  const server = await startHttpServer(async (request, response) => {
    const body = await readBody(request)
    const key = request.headers['idempotency-key']
    const received: ToolRequest = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body,
      key: typeof key === 'string' ? key : '',
    }
    requests.push(received)
    const reply = await handle(received)
    if (reply.delayMs) await waitOrClose(response, reply.delayMs)
    if (reply.cut) response.destroy()
    if (response.destroyed) return
    const isPlain = typeof reply.body === 'string' || Buffer.isBuffer(reply.body)
    response.writeHead(reply.status ?? 200, {
      'content-type': isPlain ? 'text/plain' : 'application/json',
      ...reply.headers,
    })
    response.end(isPlain ? reply.body : JSON.stringify(reply.body ?? null))
  })

  return {
    url: server.origin,
    requests,
    perKey() {
      const counts = new Map<string, number>()
      for (const { key } of requests) counts.set(key, (counts.get(key) ?? 0) + 1)
      return counts
    },
    handle: (next) => (handle = next),
    reset() {
      requests.length = 0
      handle = agree
    },
    stop: server.stop,
  }
}
