import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { waitFor } from '../../../test/harness/waitFor.ts'
import { sendBeforeBody, type DiscardLimits } from './sendBeforeBody.ts'

const KIB = 1024
const AMPLE: DiscardLimits = { bytes: 1024 * KIB, ms: 60_000, idleMs: 60_000 }

let server: Server
afterEach(() => server.closeAllConnections())

type Sender = { socket: Socket; received(): string; isClosed(): boolean }

/** Begins a request to a server that refuses every body, and waits for the response. */
async function begin(limits: DiscardLimits): Promise<Sender> {
  server = createServer((request, response) => {
    response.writeHead(404, { 'content-length': 2 })
    sendBeforeBody(request, 'no', limits).pipe(response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const socket = connect({ port, host: '127.0.0.1' })
  let received = ''
  let isClosed = false
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => (received += chunk.toString()))
  socket.on('close', () => (isClosed = true))
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${500 * KIB}\r\n\r\n`)
  await waitFor(() => received.startsWith('HTTP/1.1 404') && received.endsWith('\r\n\r\nno'))
  return { socket, received: () => received, isClosed: () => isClosed }
}

it('is complete before the body is; when the body has ended, the connection serves the next request', async () => {
  const { socket, received } = await begin(AMPLE)
  for (let sent = 0; sent < 500; sent += 100) socket.write(Buffer.alloc(100 * KIB))
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n')
  await waitFor(() => received().match(/HTTP\/1\.1 404/g)?.length === 2)
  socket.destroy()
})

it.each<[what: string, limits: Partial<DiscardLimits>, pieceBytes: number]>([
  ['too many bytes', { bytes: 300 * KIB }, 10 * KIB],
  ['too much time', { ms: 300 }, 1],
  ['a sender that has stopped', { idleMs: 300 }, 0],
])('closes the connection after %s', async (_what, limits, pieceBytes) => {
  const { socket, isClosed } = await begin({ ...AMPLE, ...limits })
  let sent = 0
  while (!isClosed()) {
    if (pieceBytes > 0 && socket.writable && socket.write(Buffer.alloc(pieceBytes))) sent += pieceBytes
    await delay(10)
  }
  // Not because the body was over.
  expect(sent).toBeLessThan(500 * KIB)
  if (limits.bytes !== undefined) expect(sent).toBeGreaterThanOrEqual(limits.bytes)
})
