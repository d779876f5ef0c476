import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import { BellwireError } from '../../errors.ts'

/** Keeps proxies from closing an idle connection. */
const PING_MS = 15_000

/** Pings are sent in this many portions, so that many streams cause no peak. */
const PING_PORTIONS = 60

/** How often a stream checks that its reader still has access. */
const RECHECK_MS = 10_000

/** The session has ended, the key is gone, or the role is too low. */
const NO_ACCESS = new Set([401, 403])

/**
 * Bytes that may be buffered for a slow reader; beyond it, the next event closes the stream. A reader can reconnect.
 */
export const MAX_BUFFERED_BYTES = 1024 * 1024

/** A stream of server-sent events to one client. */
export type EventStream = {
  /** Sends events created by `encodeEvent`. Closes the stream when the client reads too slowly. */
  write(events: string): void
  /** Resolves when the written events were sent, or the stream is closed. */
  drained(): Promise<void>
  /** Ends the stream. Can be called twice. */
  end(): void
  /** Destroys the connection: the client can tell that something is missing. */
  destroy(): void
  readonly isOpen: boolean
}

export function encodeEvent({
  id,
  event,
  data,
}: {
  id?: number | string
  event?: string
  data: unknown
}): string {
  const head = (id === undefined ? '' : `id: ${id}\n`) + (event === undefined ? '' : `event: ${event}\n`)
  return `${head}data: ${JSON.stringify(data)}\n\n`
}

/**
 * Takes over a reply and turns it into an event stream.
 *
 * @param onClose called once when the client has disconnected, or after `end`
 * @param recheck repeats the check that admitted the reader: the stream ends soon after access is lost
 */
export function openEventStream(
  reply: FastifyReply,
  onClose: () => void,
  recheck?: () => Promise<unknown>,
): EventStream {
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
  const rechecking = recheck && setInterval(() => void recheck().catch(endWithoutAccess), RECHECK_MS).unref()
  raw.on('close', close)
  raw.on('error', close)
  if (!isOpen) {
    clearInterval(rechecking)
    onClose()
  }

  function close(): void {
    if (!isOpen) return
    isOpen = false
    stopPings()
    clearInterval(rechecking)
    onClose()
  }

  function end(): void {
    close()
    raw.end()
  }

  /** While the database is away nobody can be checked: the stream stays. */
  function endWithoutAccess(error: unknown): void {
    if (error instanceof BellwireError && NO_ACCESS.has(error.status)) end()
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
    end,
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
