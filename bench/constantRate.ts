import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** `node bench/constantRate.ts '{"url": ..., "perSecond": ..., "connections": ..., "seconds": ..., "body": ...}'` */
export type ConstantRate = {
  url: string
  perSecond: number
  connections: number
  seconds: number
  body: string
}

const END_OF_HEAD = Buffer.from('\r\n\r\n')

// Sends requests at an even rate, whether or not earlier ones were answered: one that finds no free connection waits,
// and its latency counts from the time at which it was due. It reads only the length of a response, because this
// process shares the machine with the servers that it measures.
const { url, perSecond, connections, seconds, body }: ConstantRate = JSON.parse(process.argv[2] ?? '{}')
const { hostname, port, pathname } = new URL(url)
const request = Buffer.from(
  `POST ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
)
const latencies: number[] = []
let failed = 0
const free: Socket[] = []
const due: number[] = []
const sentFor = new Map<Socket, number>()

function begin(socket: Socket, at: number): void {
  sentFor.set(socket, at)
  socket.write(request)
}

function open(): Socket {
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  let received: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    const end = received.indexOf(END_OF_HEAD)
    if (end < 0) return
    const head = received.toString('latin1', 0, end)
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN)
    if (received.length < end + END_OF_HEAD.length + length) return
    received = Buffer.alloc(0)
    if (!head.startsWith('HTTP/1.1 200')) failed += 1
    latencies.push(performance.now() - (sentFor.get(socket) ?? Number.NaN))
    sentFor.delete(socket)
    const next = due.shift()
    if (next === undefined) free.push(socket)
    else begin(socket, next)
  })
  socket.on('error', () => (failed += 1))
  return socket
}

const sockets = Array.from({ length: connections }, open)
await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve))))
free.push(...sockets)
const started = performance.now()
for (let sent = 0; sent < perSecond * seconds;) {
  const now = performance.now() - started
  for (; (sent * 1000) / perSecond <= now && sent < perSecond * seconds; sent += 1) {
    const at = started + (sent * 1000) / perSecond
    const socket = free.pop()
    if (socket) begin(socket, at)
    else due.push(at)
  }
  await delay(1)
}
const patience = performance.now() + 10_000
while (sentFor.size > 0 && performance.now() < patience) await delay(5)
failed += sentFor.size + due.length
for (const socket of sockets) socket.destroy()
const sorted = latencies.toSorted((a, b) => a - b)
const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN
process.stdout.write(JSON.stringify({ sent: latencies.length, p50Ms: at(0.5), p99Ms: at(0.99), failed }))
