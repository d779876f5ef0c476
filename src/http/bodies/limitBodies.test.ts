import { once } from 'node:events'
import { request as send, type ClientRequest, type IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import fastify, { type FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { waitFor } from '../../../test/harness/waitFor.ts'
import { BellwireError } from '../../errors.ts'
import { createClientErrorHandler } from '../problems/clientError.ts'
import { createSendProblem } from '../problems/sendProblem.ts'
import { createBodyMemory, type BodyMemory } from './bodyMemory.ts'
import { letGoOfBody, limitBodies } from './limitBodies.ts'

const MIB = 1024 * 1024
const WITHIN_MS = 4_000

let app: FastifyInstance
let memory: BodyMemory
let url: string
/** Handlers of /hold answer when this is called. */
let finish: () => void
let goesOn = false

beforeEach(async () => {
  memory = createBodyMemory({ maxBytes: 8 * MIB, largestBytes: 2 * MIB })
  app = fastify({
    bodyLimit: 2 * MIB,
    requestTimeout: WITHIN_MS,
    // Node swaps the two when the time for headers is longer.
    http: { connectionsCheckingInterval: 50, headersTimeout: WITHIN_MS },
    clientErrorHandler: createClientErrorHandler(() => 'an-id'),
  })
  app.setErrorHandler(createSendProblem(pino({ level: 'silent' })))
  limitBodies(app, memory, { withinMs: WITHIN_MS, graceMs: 400 })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.addContentTypeParser('application/refused', (_request, _body, done) =>
    done(new BellwireError('content_type_unsupported')),
  )
  const held = Promise.withResolvers<void>()
  finish = held.resolve
  app.post('/hold', async ({ body }) => {
    await held.promise
    return { bytes: Buffer.isBuffer(body) ? body.length : 0 }
  })
  app.post('/let-go', async (request) => {
    letGoOfBody(request)
    goesOn = true
    await held.promise
    return {}
  })
  app.post('/fail', () => {
    throw new Error('broken')
  })
  url = await app.listen({ port: 0, host: '127.0.0.1' })
})
afterEach(async () => {
  finish()
  await app.close()
})

const post = (path: string, bytes: number) =>
  fetch(url + path, { method: 'POST', body: Buffer.alloc(bytes, 0x20) })

/** Begins a request whose body the test writes. */
function begin(path: string, headers: Record<string, string | number> = {}): ClientRequest {
  const request = send(url + path, { method: 'POST', headers })
  request.on('error', () => undefined)
  request.flushHeaders()
  return request
}

async function answerTo(request: ClientRequest): Promise<IncomingMessage> {
  const [response] = await once(request, 'response')
  response.resume()
  return response
}

describe('the memory for bodies', () => {
  it('is never exceeded: what finds no room is told so at once, and the others end well', async () => {
    const requests = Array.from({ length: 40 }, () => post('/hold', MIB))
    const refused: Response[] = []
    for (const request of requests)
      void request.then((response) => response.status === 503 && refused.push(response))
    await waitFor(() => refused.length === 33)
    expect(memory.used).toBe(7 * MIB)
    expect(refused[0]?.headers.get('retry-after')).toBe('2')
    expect(await refused[0]?.json()).toMatchObject({ code: 'overloaded', success: false, status: 503 })

    // Small ones have an eighth for themselves.
    const small = Array.from({ length: 10 }, () => post('/hold', 60 * 1024))
    await waitFor(() => memory.used === 7 * MIB + 600 * 1024)
    finish()
    expect((await Promise.all(small)).map(({ status }) => status)).toEqual(small.map(() => 200))
    const bodies = await Promise.all(requests.map(async (request) => (await request).status))
    expect(bodies.filter((status) => status === 200)).toHaveLength(7)
    expect(memory.used).toBe(0)
    expect((await post('/hold', MIB)).status).toBe(200)
  })

  it('is taken when a body is announced, and free again when its sender hangs up', async () => {
    const senders = Array.from({ length: 7 }, () => begin('/hold', { 'content-length': MIB }))
    await waitFor(() => memory.used === 7 * MIB)
    expect((await post('/hold', MIB)).status).toBe(503)
    for (const sender of senders) sender.destroy()
    await waitFor(() => memory.used === 0)
  })

  it('is taken as it comes when a body does not say how long it is', async () => {
    await waitFor(() => memory.used === 0)
    const full = Array.from({ length: 6 }, () => begin('/hold', { 'content-length': MIB }))
    await waitFor(() => memory.used === 6 * MIB)
    const sender = begin('/hold')
    sender.write(Buffer.alloc(MIB / 2))
    await waitFor(() => memory.used === 6.5 * MIB)
    sender.write(Buffer.alloc(MIB))
    const answer = await answerTo(sender)
    expect(answer.statusCode).toBe(503)
    await waitFor(() => memory.used === 6 * MIB)
    for (const other of full) other.destroy()
    await waitFor(() => memory.used === 0)
  })

  it('stays taken while a handler works on the body of a sender that hung up', async () => {
    const sender = begin('/hold', { 'content-length': MIB })
    sender.end(Buffer.alloc(MIB))
    await waitFor(() => memory.used === MIB)
    const { promise: gone, resolve } = Promise.withResolvers<void>()
    sender.once('close', resolve)
    sender.destroy()
    await gone
    expect((await fetch(`${url}/nothing`)).status).toBe(404)
    expect(memory.used).toBe(MIB)
    finish()
    await waitFor(() => memory.used === 0)
  })

  it('is given back by errors, and by handlers that go on without the body', async () => {
    expect((await post('/fail', MIB)).status).toBe(500)
    expect(memory.used).toBe(0)
    const waiting = post('/let-go', MIB)
    await waitFor(() => goesOn)
    expect(memory.used).toBe(0)
    finish()
    expect((await waiting).status).toBe(200)
  })
})

describe('a body that is too large', () => {
  it('is refused before it is read when it says so', async () => {
    const sender = begin('/hold', { 'content-length': 3 * MIB })
    expect((await answerTo(sender)).statusCode).toBe(413)
    expect(memory.used).toBe(0)
    sender.destroy()
  })

  it('is refused as it passes the limit when it does not, and the connection goes on', async () => {
    const sender = begin('/hold')
    for (let sent = 0; sent < 3; sent += 1) sender.write(Buffer.alloc(MIB))
    expect((await answerTo(sender)).statusCode).toBe(413)
    sender.end()
    await waitFor(() => memory.used === 0)
  })
})

describe('a slow sender', () => {
  /** Sends a byte every 20 ms until there is an answer; gives its status and problem document. */
  async function trickle(
    bytes: number,
  ): Promise<{ status: number | undefined; type: unknown; code: unknown }> {
    const sender = begin('/hold', { 'content-length': bytes })
    await waitFor(() => memory.used === bytes)
    const timer = setInterval(() => sender.write('x'), 20)
    try {
      const [response] = (await once(sender, 'response')) as [IncomingMessage]
      const text = await response.setEncoding('utf8').reduce((all, part) => all + part, '')
      const { code } = JSON.parse(text) as { code: string }
      return { status: response.statusCode, type: response.headers['content-type'], code }
    } finally {
      clearInterval(timer)
      sender.destroy()
    }
  }
  const TOO_SLOW = { status: 408, type: 'application/problem+json', code: 'request_timeout' }

  it('of a large body is refused soon, and its memory is released', async () => {
    const started = performance.now()
    expect(await trickle(MIB)).toEqual(TOO_SLOW)
    expect(performance.now() - started).toBeLessThan(WITHIN_MS / 2)
    expect(memory.used).toBe(0)
  })

  it('of a small body is refused when the time is over, and its memory is released', async () => {
    const started = performance.now()
    expect(await trickle(1_000)).toEqual(TOO_SLOW)
    expect(performance.now() - started).toBeGreaterThan(WITHIN_MS - 500)
    await waitFor(() => memory.used === 0)
  })

  it('of a body that was refused unread only ends its connection', async () => {
    const headers = { 'content-length': MIB, 'content-type': 'application/refused' }
    const sender = begin('/hold', headers)
    const closed = new Promise((resolve) => sender.once('close', resolve))
    sender.write(Buffer.alloc(MIB / 4))
    expect((await answerTo(sender)).statusCode).toBe(415)
    // Long after the time at which its pace was checked.
    await closed
    expect(memory.used).toBe(0)
    finish()
    expect((await post('/hold', MIB)).status).toBe(200)
  })

  it('that will be done in time is served', async () => {
    finish()
    const sender = begin('/hold', { 'content-length': MIB })
    const answer = answerTo(sender)
    const started = performance.now()
    let sent = 0
    while (sent < MIB) {
      const due = Math.min(MIB, Math.floor((MIB * (performance.now() - started)) / (WITHIN_MS - 1_000)))
      if (due > sent) sender.write(Buffer.alloc(due - sent, 0x20))
      sent = due
      await delay(50)
    }
    sender.end()
    expect((await answer).statusCode).toBe(200)
  })
})

it('a body of single bytes arrives whole', async () => {
  const sender = begin('/hold')
  finish()
  for (let index = 0; index < 5_000; index += 1) {
    if (!sender.write('x')) await once(sender, 'drain')
  }
  sender.end()
  const [response] = (await once(sender, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of response) text += String(chunk)
  expect(JSON.parse(text)).toEqual({ bytes: 5_000 })
})
