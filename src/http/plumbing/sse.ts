import type { FastifyReply } from 'fastify'

/** Keeps proxies from closing a silent connection. */
const PING_MS = 15_000

/** A stream of server-sent events to one client. */
export type EventStream = {
  send(message: { id?: number; event?: string; data: unknown }): void
  /** Ends the stream. Safe twice. */
  end(): void
  /** Aborts when the client has gone, or after `end`. */
  closed: AbortSignal
}

/** Takes a reply over and turns it into a stream of events. */
export function openEventStream(reply: FastifyReply): EventStream {
  reply.hijack()
  const { raw } = reply
  const closed = new AbortController()
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) raw.setHeader(name, value)
  }
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  raw.flushHeaders()
  const ping = setInterval(() => raw.write(': ping\n\n'), PING_MS)
  raw.on('close', close)
  raw.on('error', close)

  function close(): void {
    clearInterval(ping)
    closed.abort()
  }

  return {
    send({ id, event, data }) {
      if (closed.signal.aborted) return
      const head = (id === undefined ? '' : `id: ${id}\n`) + (event === undefined ? '' : `event: ${event}\n`)
      raw.write(`${head}data: ${JSON.stringify(data)}\n\n`)
    },
    end() {
      close()
      raw.end()
    },
    closed: closed.signal,
  }
}
