import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

/** Bounds on what is read of a body that was refused. */
export type DiscardLimits = {
  bytes: number
  /** Milliseconds in all, and without a byte. */
  ms: number
  idleMs: number
}

const LIMITS: DiscardLimits = { bytes: 64 * 1024 * 1024, ms: 30_000, idleMs: 5_000 }

/** Whether a body is still arriving, or may be. */
export function bodyIsArriving({
  complete,
  headers,
}: Pick<IncomingMessage, 'complete' | 'headers'>): boolean {
  if (complete) return false
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/**
 * A response to a request whose body is still arriving. The text is sent at once; the response ends when the rest of
 * the body was read and dropped, or exceeds the limits, which closes the connection. Ending it earlier would close the
 * connection under a client that sends everything before it reads (RFC 9112, section 9.6), and the client would get a
 * connection error in place of the response.
 */
export function sendBeforeBody(
  request: IncomingMessage,
  text: string,
  { bytes, ms, idleMs }: DiscardLimits = LIMITS,
): Readable {
  const response = new Readable({ read() {} })
  response.push(text)
  const { socket } = request
  let received = 0
  let ended = false

  function end(): void {
    if (ended) return
    ended = true
    clearTimeout(total)
    clearTimeout(idle)
    response.push(null)
  }
  function giveUp(): void {
    end()
    response.once('close', () => socket.destroySoon())
  }
  const total = setTimeout(giveUp, ms)
  const idle = setTimeout(giveUp, idleMs)

  // Whatever read it before has failed.
  request.unpipe()
  request.on('data', (chunk: Buffer) => {
    received += chunk.length
    if (received > bytes) giveUp()
    else if (!ended) idle.refresh()
  })
  for (const event of ['end', 'error', 'close']) request.once(event, end)
  request.resume()
  return response
}
