import type { FastifyInstance, FastifyPluginCallback } from 'fastify'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRawSocket, type RawSocket } from '../../test/harness/rawSocket.ts'
import { createServer } from './server.ts'

const echo: FastifyPluginCallback = (scope, _options, done) => {
  scope.post('/echo', ({ body }) => ({ body }))
  done()
}

let app: FastifyInstance
let url: string

beforeAll(async () => {
  app = createServer({
    config: {
      publicUrl: '',
      trustedProxies: [],
      maxBodyBytes: 1_000_000,
      maxBodyMemoryBytes: 100_000_000,
      corsOrigins: '*',
    },
    version: '0',
    log: pino({ level: 'silent' }),
    authenticate: () => Promise.reject(new Error('not asked')),
    open: [echo],
    management: [],
    arrivalTimes: { request: 600, headers: 300, check: 50, bodyGrace: 100 },
  })
  url = await app.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(() => app?.close())

const HEAD = 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'

/** Sends bytes one at a time until the other side closes the connection. */
async function trickle(socket: RawSocket, bytes: Buffer): Promise<void> {
  for (let at = 0; !socket.socket.destroyed && socket.socket.writable; at += 1) {
    socket.write(bytes.subarray(at % bytes.length, (at % bytes.length) + 1))
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

describe('a sender that takes its time is cut off, and others are served meanwhile', () => {
  it.each<[string, string, string | undefined]>([
    ['with nothing at all', '', undefined],
    ['with its headers', `${HEAD}X-Slow: `, 'x'],
    ['between its headers', HEAD, 'X-Slow: x\r\n'],
    ['with a small body', `${HEAD}Content-Length: 60000\r\n\r\n`, ' '],
    ['with a large body', `${HEAD}Content-Length: 900000\r\n\r\n`, ' '],
    ['with chunks', `${HEAD}Transfer-Encoding: chunked\r\n\r\n`, '1\r\nx\r\n'],
  ])('%s', async (_, first, rest) => {
    const slow = await Promise.all(Array.from({ length: 50 }, () => openRawSocket(url)))
    for (const socket of slow) {
      socket.write(first)
      if (rest !== undefined) void trickle(socket, Buffer.from(rest))
    }
    const ended = Promise.all(slow.map((socket) => socket.closed()))
    for (let round = 0; round < 20; round += 1) {
      const response = await fetch(`${url}/echo`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"a":1}',
      })
      expect([response.status, await response.json()]).toEqual([200, { body: { a: 1 } }])
    }
    for (const responses of await ended) {
      expect(responses.map(({ status, json }) => [status, json?.code])).toEqual([[408, 'request_timeout']])
    }
  })
})
