import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'
import { waitFor } from './harness/waitFor.ts'

const MIB = 1024 * 1024

let app: TestApp
let webhook: string
let bearer: string

beforeAll(async () => {
  // Room for one body of the maximum size.
  const memory = { BELLWIRE_MAX_BODY_MEMORY_BYTES: String(26 * MIB) }
  app = await startTestApp(memory, { worker: false })
  webhook = new URL((await app.createAgent()).url).pathname
  bearer = `Authorization: Bearer ${app.adminKey}`
})
afterAll(() => app?.stop())

type Sending = {
  path: string
  bytes: number
  type?: string
  headers?: string[]
  chunked?: boolean
  close?: boolean
}

/** Sends the header of a request, on a connection that is not read yet. */
async function begin({
  path,
  bytes,
  type = 'application/json',
  headers = [],
  chunked = false,
  close = true,
}: Sending): Promise<Socket> {
  const { hostname, port } = new URL(app.url)
  const socket = connect({ host: hostname, port: Number(port) })
  await once(socket, 'connect')
  socket.pause()
  socket.on('error', () => undefined)
  const lines = [
    `POST ${path} HTTP/1.1`,
    'Host: localhost',
    `Content-Type: ${type}`,
    chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${bytes}`,
    ...(close ? ['Connection: close'] : []),
    ...headers,
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  return socket
}

const write = (socket: Socket, data: string | Buffer) =>
  new Promise<void>((resolve, reject) => {
    socket.write(data, (error) => (error ? reject(error) : resolve()))
  })

/** Sends a whole request before reading anything, as most HTTP clients do. */
async function sendThenRead(sending: Sending): Promise<{ status: number; type: string; body: unknown }> {
  const socket = await begin(sending)
  const block = Buffer.alloc(MIB / 4, 0x20)
  for (let sent = 0; sent < sending.bytes; sent += block.length) {
    if (sending.chunked) await write(socket, `${block.length.toString(16)}\r\n`)
    await write(socket, block)
    if (sending.chunked) await write(socket, '\r\n')
  }
  if (sending.chunked) await write(socket, '0\r\n\r\n')
  const response = await readResponse(socket)
  socket.destroy()
  return response
}

async function readResponse(socket: Socket): Promise<{ status: number; type: string; body: unknown }> {
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
  socket.resume()
  const [head, body] = await waitFor(
    () => {
      const [first = '', rest = ''] = text.split('\r\n\r\n', 2)
      const length = /content-length: (\d+)/i.exec(first)?.[1]
      return length !== undefined && rest.length === Number(length) ? [first, rest] : undefined
    },
    { what: 'a whole response' },
  )
  return {
    status: Number(head?.split(' ')[1]),
    type: /content-type: (\S+)/i.exec(head ?? '')?.[1] ?? '',
    body: JSON.parse(body ?? ''),
  }
}

describe('the sender of a large refused body, who reads only after sending everything, gets the problem', () => {
  const cases: [what: string, code: string, status: number, sending: () => Sending][] = [
    ['an unknown token', 'not_found', 404, () => ({ path: '/api/webhooks/agents/unknown', bytes: 20 * MIB })],
    [
      'the same, in chunks',
      'not_found',
      404,
      () => ({ path: '/api/webhooks/agents/x', bytes: 20 * MIB, chunked: true }),
    ],
    [
      'the same, on a connection that stays open',
      'not_found',
      404,
      () => ({ path: '/api/webhooks/agents/x', bytes: 20 * MIB, close: false }),
    ],
    ['an unknown path', 'not_found', 404, () => ({ path: '/api/nothing', bytes: 20 * MIB })],
    ['too large, as announced', 'body_too_large', 413, () => ({ path: webhook, bytes: 30 * MIB })],
    [
      'too large, in chunks',
      'body_too_large',
      413,
      () => ({ path: webhook, bytes: 30 * MIB, chunked: true }),
    ],
    ['without a key', 'unauthenticated', 401, () => ({ path: '/api/agents', bytes: 7 * MIB })],
    [
      'too large for an agent',
      'body_too_large',
      413,
      () => ({ path: '/api/agents', bytes: 12 * MIB, headers: [bearer] }),
    ],
    [
      'an unknown encoding of an agent',
      'content_type_unsupported',
      415,
      () => ({ path: '/api/agents', bytes: 7 * MIB, type: 'text/csv', headers: [bearer] }),
    ],
  ]
  it.each(cases)('%s', async (_what, code, status, sending) => {
    const answer = await sendThenRead(sending())
    expect(answer).toMatchObject({ status, type: 'application/problem+json', body: { status } })
    if (code !== 'not_found') expect(answer.body).toMatchObject({ code })
  })

  it('no memory left, with a length and chunked', async () => {
    const holder = await begin({ path: webhook, bytes: 24 * MIB })
    for (const chunked of [false, true]) {
      const answer = await waitFor(async () => {
        const refused = await sendThenRead({ path: webhook, bytes: 8 * MIB, chunked })
        return refused.status === 503 ? refused : undefined
      })
      expect(answer).toMatchObject({ status: 503, body: { code: 'overloaded' } })
    }
    holder.destroy()
    // None of it is kept.
    const whole = await waitFor(async () => {
      const accepted = await sendThenRead({ path: webhook, bytes: 20 * MIB })
      return accepted.status === 503 ? undefined : accepted
    })
    expect(whole.status).toBe(400)
  })
})
