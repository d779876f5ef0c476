import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'

/** Keeps proxies from closing a silent connection. */
const PING_MS = 15_000

/** Pings go out in so many portions, so that many streams make no peak. */
const PING_PORTIONS = 60

/** Bytes that may wait for a slow reader; beyond it, the next event closes the stream. A reader can connect again. */
export const MAX_BUFFERED_BYTES = 1024 * 1024

/** A stream of server-sent events to one client. */
export type EventStream = {
  /** Sends events that `encodeEvent` made. Closes the stream when the client reads too slowly. */
  write(events: string): void
  /** Resolves when what was written is on its way, or the stream is closed. */
  drained(): Promise<void>
  /** Ends the stream. Safe twice. */
  end(): void
  /** Breaks the connection off: the client sees that something is missing. */
  destroy(): void
  readonly isOpen: boolean
}

export function encodeEvent({ id, event, data }: { id?: number; event?: string; data: unknown }): string {
  const head = (id === undefined ? '' : `id: ${id}\n`) + (event === undefined ? '' : `event: ${event}\n`)
  return `${head}data: ${JSON.stringify(data)}\n\n`
}

/**
 * Takes a reply over and turns it into a stream of events.
 *
 * @param onClose called once when the client has gone, or after `end`
 */
export function openEventStream(reply: FastifyReply, onClose: () => void): EventStream {
  reply.hijack()
  const { raw } = reply
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) raw.setHeader(name, value)
  }
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  raw.flushHeaders()
  let isOpen = !raw.destroyed
  const stopPings = keepAlive(raw)
  raw.on('close', close)
  raw.on('error', close)
  if (!isOpen) onClose()

  function close(): void {
    if (!isOpen) return
    isOpen = false
    stopPings()
    onClose()
  }

  return {
    write(events) {
      if (!isOpen) return
      if (raw.writableLength > MAX_BUFFERED_BYTES) raw.destroy()
      else raw.write(events)
    },
    drained: () =>
      new Promise((resolve) => {
        if (!isOpen || !raw.writableNeedDrain) return resolve()
        const done = (): void => {
          raw.off('drain', done).off('close', done)
          resolve()
        }
        raw.once('drain', done).once('close', done)
      }),
    end() {
      close()
      raw.end()
    },
    destroy: () => void raw.destroy(),
    get isOpen() {
      return isOpen
    },
  }
}

const portions = Array.from({ length: PING_PORTIONS }, () => new Set<ServerResponse>())
let next = 0
let opened = 0
let pinging: NodeJS.Timeout | undefined

/** One timer for all streams. */
function keepAlive(raw: ServerResponse): () => void {
  const portion = portions[next++ % PING_PORTIONS]
  portion?.add(raw)
  opened += 1
  pinging ??= setInterval(ping, PING_MS / PING_PORTIONS).unref()
  return () => {
    if (!portion?.delete(raw)) return
    opened -= 1
    if (opened > 0) return
    clearInterval(pinging)
    pinging = undefined
  }
}

let turn = 0

function ping(): void {
  turn = (turn + 1) % PING_PORTIONS
  for (const raw of portions[turn] ?? [])
    if (raw.writableLength <= MAX_BUFFERED_BYTES) raw.write(': ping\n\n')
}
