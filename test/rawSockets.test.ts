import { createHmac } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'
import { startProgram } from './harness/program.ts'
import { openRawSocket, type RawResponse, type RawSocket } from './harness/rawSocket.ts'
import { waitFor } from './harness/waitFor.ts'

const MIB = 1024 * 1024
const SECRET = 'it is a secret'

let app: TestApp
let path: string
let signedPath: string

beforeAll(async () => {
  // Room for one body of the maximum size: a leak shows immediately.
  const memory = { BELLWIRE_MAX_BODY_MEMORY_BYTES: String(26 * MIB) }
  app = await startTestApp(memory, { worker: false })
  const agent = await app.createAgent()
  path = new URL(agent.url).pathname
  const signed = await app.call('POST', `/api/agents/${agent.id}/webhooks`, {
    source: 'github',
    secrets: [SECRET],
  })
  signedPath = new URL(signed.body.url).pathname
})
afterAll(() => app?.stop())

const countTasks = async (): Promise<number> => {
  const { rows } = await app.database.db.pool.query<{ count: number }>(
    'select count(*)::int as count from bellwire.tasks',
  )
  return rows[0]?.count ?? 0
}

/** A request as text; a header line is left out when it is undefined. */
function post(body: string, lines: (string | undefined)[] = [], target = path): string {
  const own = [`POST ${target} HTTP/1.1`, 'Host: localhost', 'Content-Type: application/json', ...lines]
  const length = lines.some((line) => line && /^(content-length|transfer-encoding):/i.test(line))
    ? []
    : [`Content-Length: ${Buffer.byteLength(body)}`]
  return `${[...own, ...length].filter((line) => line !== undefined).join('\r\n')}\r\n\r\n${body}`
}

async function withSocket<T>(work: (socket: RawSocket) => Promise<T>): Promise<T> {
  const socket = await openRawSocket(app.url)
  try {
    return await work(socket)
  } finally {
    socket.socket.destroy()
  }
}

/** The response to some bytes. */
const answerTo = (bytes: string | Buffer): Promise<RawResponse> =>
  withSocket(async (socket) => {
    socket.write(bytes)
    const [response] = await socket.responses(1)
    return response as RawResponse
  })

/** Everything received until the other side closes the connection. */
const allTo = (bytes: string | Buffer): Promise<RawResponse[]> =>
  withSocket((socket) => {
    socket.write(bytes)
    return socket.closed()
  })

/** What other clients still get. */
async function expectService(): Promise<void> {
  const { status, json } = await answerTo(post('{"order":1}'))
  expect([status, json?.success]).toEqual([200, true])
}

const sign = (body: string): string => `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`

describe('a request that is ambiguous or malformed is refused, and starts nothing', () => {
  const body = '{"order":1}'
  const length = `Content-Length: ${body.length}`
  it.each<[string, () => string, number, string]>([
    ['Content-Length twice', () => post(body, [length, length]), 400, 'request_invalid'],
    ['two different lengths', () => post(body, [length, 'Content-Length: 5']), 400, 'request_invalid'],
    ['a negative length', () => post(body, ['Content-Length: -1']), 400, 'request_invalid'],
    ['a length that is no number', () => post(body, ['Content-Length: 0x0b']), 400, 'request_invalid'],
    ['Host twice', () => post(body, ['Host: elsewhere']), 400, 'request_invalid'],
    [
      'two Idempotency-Keys',
      () => post(body, ['Idempotency-Key: a', 'Idempotency-Key: b']),
      400,
      'request_invalid',
    ],
    [
      'Transfer-Encoding with Content-Length',
      () => post(`b\r\n${body}\r\n0\r\n\r\n`, ['Transfer-Encoding: chunked', length]),
      400,
      'request_invalid',
    ],
    [
      'a transfer coding that hides the length',
      () => post(body, ['Transfer-Encoding: identity, nonsense']),
      400,
      'request_invalid',
    ],
    [
      'a chunk size that is no number',
      () => post('zz\r\n', ['Transfer-Encoding: chunked']),
      400,
      'request_invalid',
    ],
    [
      'a header block of 100 kB',
      () => post(body, [`X-Long: ${'x'.repeat(100_000)}`]),
      431,
      'headers_too_large',
    ],
    [
      'a header block of 100 kB in many lines',
      () =>
        post(
          body,
          Array.from({ length: 5_000 }, (_, index) => `X-${index}: ${'x'.repeat(10)}`),
        ),
      431,
      'headers_too_large',
    ],
    ['NUL in a header', () => post(body, ['X-Odd: a\0b']), 400, 'request_invalid'],
    ['NUL in the path', () => post(body).replace(path, `${path}\0`), 400, 'request_invalid'],
    [
      'a bare LF after a header',
      () => post(body).replace('localhost\r\n', 'localhost\n'),
      400,
      'request_invalid',
    ],
    ['a bare CR in a header', () => post(body, ['X-Odd: a\rb']), 400, 'request_invalid'],
    ['a space before the colon', () => post(body, ['X-Odd : a']), 400, 'request_invalid'],
    ['a header without a name', () => post(body, [': a']), 400, 'request_invalid'],
    ['a folded header', () => post(body, ['X-Odd: a\r\n b']), 400, 'request_invalid'],
    ['a method in lower case', () => post(body).replace('POST', 'post'), 400, 'request_invalid'],
    ['an unknown method', () => post(body).replace('POST', 'START'), 400, 'request_invalid'],
    ['an unknown version', () => post(body).replace('HTTP/1.1', 'HTTP/3.7'), 400, 'request_invalid'],
    [
      'two signatures that are both wrong',
      () =>
        post(
          body,
          [`X-Hub-Signature-256: ${sign('other')}`, `X-Hub-Signature-256: ${sign('others')}`],
          signedPath,
        ),
      401,
      'signature_invalid',
    ],
  ])('%s', async (what, bytes, status, code) => {
    const before = await countTasks()
    const response = await answerTo(bytes())
    expect([what, response.status, response.json?.code]).toEqual([what, status, code])
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/)
    await expectService()
    expect(await countTasks()).toBe(before + 1)
  })

  it('a request without Host', async () => {
    expect((await answerTo(post(body).replace('Host: localhost\r\n', ''))).status).toBe(400)
  })

  it('an expectation that cannot be met', async () => {
    expect((await answerTo(post(body, ['Expect: a miracle']))).status).toBe(417)
  })
})

describe('an unusual but valid request is accepted', () => {
  const body = '{"order":1}'
  it.each<[string, () => string]>([
    [
      'two signatures, one of them right',
      () =>
        post(
          body,
          [`X-Hub-Signature-256: ${sign('other')}`, `X-Hub-Signature-256: ${sign(body)}`],
          signedPath,
        ),
    ],
    ['an absolute URI', () => post(body, [], `http://localhost${path}`)],
    ['an absolute URI of another host', () => post(body, [], `HTTPS://elsewhere.example:8443${path}?x=1`)],
    [
      'chunks with extensions',
      () =>
        post(`5;a=b;c="d"\r\n${body.slice(0, 5)}\r\n6\r\n${body.slice(5)}\r\n0;last\r\n\r\n`, [
          'Transfer-Encoding: chunked',
        ]),
    ],
    [
      'chunks with a trailer',
      () => post(`b\r\n${body}\r\n0\r\nX-Checksum: 1\r\n\r\n`, ['Transfer-Encoding: chunked']),
    ],
    [
      'a header twice that is a list',
      () => post(body, ['X-Forwarded-For: 10.0.0.1', 'X-Forwarded-For: 10.0.0.2']),
    ],
    ['an empty line before it', () => `\r\n${post(body)}`],
    ['headers in capitals', () => post(body).replace('Content-Type', 'CONTENT-TYPE')],
    ['HTTP/1.0', () => post(body).replace('HTTP/1.1', 'HTTP/1.0')],
  ])('%s', async (_, bytes) => {
    const before = await countTasks()
    const { status, json } = await answerTo(bytes())
    expect([status, json?.success]).toEqual([200, true])
    expect(await countTasks()).toBe(before + 1)
  })

  it('with Expect: 100-continue, before its body is sent', () =>
    withSocket(async (socket) => {
      socket.write(post('', ['Expect: 100-continue', `Content-Length: ${body.length}`]))
      expect((await socket.responses(1)).map(({ status }) => status)).toEqual([100])
      socket.write(body)
      const [, { status, json } = { status: 0, json: undefined }] = await socket.responses(2)
      expect([status, json?.success]).toEqual([200, true])
    }))

  it('byte by byte', () =>
    withSocket(async (socket) => {
      socket.socket.setNoDelay(true)
      for (const byte of Buffer.from(post(body))) {
        socket.write(Buffer.from([byte]))
        await new Promise(setImmediate)
      }
      expect((await socket.responses(1))[0]?.status).toBe(200)
    }))
})

describe('pipelined requests', () => {
  it('are answered in order, each with its own task', async () => {
    const bodies = Array.from({ length: 50 }, (_, index) => `{"order":${index}}`)
    const responses = await withSocket(async (socket) => {
      socket.write(bodies.map((body) => post(body)).join(''))
      return socket.responses(bodies.length)
    })
    const payloads = await Promise.all(
      responses.map(async ({ json }) => (await app.call('GET', `/api/tasks/${json.task_id}`)).body.payload),
    )
    expect(payloads).toEqual(bodies.map((body) => JSON.parse(body)))
  })

  it('are answered before malformed data that follows them', async () => {
    const before = await countTasks()
    const responses = await allTo(`${post('{"order":1}')}${post('{"order":2}')}nonsense\r\n\r\n`)
    expect(responses.map(({ status, json }) => [status, json.code ?? 'task'])).toEqual([
      [200, 'task'],
      [200, 'task'],
      [400, 'request_invalid'],
    ])
    expect(await countTasks()).toBe(before + 2)
  })

  it('with a body that is longer than announced do not make the rest a request', async () => {
    const responses = await allTo(post('{"order":1}{"order":2}', ['Content-Length: 11']))
    expect(responses.map(({ status }) => status)).toEqual([200, 400])
  })
})

describe('a body that does not arrive', () => {
  it.each([
    ['whose sender has closed its side', (socket: RawSocket) => void socket.socket.end()],
    ['whose sender is gone', (socket: RawSocket) => void socket.socket.destroy()],
    ['whose sender has reset the connection', (socket: RawSocket) => void socket.socket.resetAndDestroy()],
  ])('%s: no task, and its memory is freed', async (_, leave) => {
    const before = await countTasks()
    for (let round = 0; round < 10; round += 1) {
      await withSocket(async (socket) => {
        socket.write(post('{"text":"', [`Content-Length: ${20 * MIB}`]))
        // The header has been read by then, because responses come in order.
        await answerTo(`GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n`)
        leave(socket)
        const responses = await socket.closed()
        expect(responses.every(({ status }) => status === 400)).toBe(true)
      })
    }
    const whole = JSON.stringify({ text: 'x'.repeat(20 * MIB) })
    const taken = await waitFor(
      async () => {
        const response = await answerTo(post(whole))
        return response.status === 503 ? undefined : response
      },
      { what: 'room for a large body' },
    )
    expect(taken.status).toBe(200)
    expect(await countTasks()).toBe(before + 1)
  })
})

it('a request whose sender resets the connection before the response is one task, and its repeat a duplicate', async () => {
  for (let round = 0; round < 20; round += 1) {
    const request = post('{"order":7}', [`Idempotency-Key: reset-${round}`])
    const before = await countTasks()
    await withSocket(async (socket) => {
      await new Promise((resolve) => socket.socket.write(request, resolve))
      socket.socket.resetAndDestroy()
    })
    const first = await answerTo(request)
    const second = await answerTo(request)
    expect([first.status, second.status]).toEqual([200, 200])
    expect(second.json.task_id).toBe(first.json.task_id)
    expect(second.headers['idempotency-replayed']).toBe('true')
    expect(await countTasks()).toBe(before + 1)
  }
})

describe('many connections', { timeout: 120_000 }, () => {
  it('that send nothing, or a header slowly, keep nobody out', async () => {
    const program = await startProgram()
    const sockets: RawSocket[] = []
    try {
      const count = Math.min(10_000, (await openFiles()) - 2_000)
      expect(count).toBeGreaterThan(900)
      for (let opened = 0; opened < count; opened += 500) {
        const more = Array.from({ length: Math.min(500, count - opened) }, () => openRawSocket(program.url))
        sockets.push(...(await Promise.all(more)))
      }
      for (const [index, socket] of sockets.entries()) {
        if (index % 2 === 0) socket.write('POST /api/webhooks/agents/x HTTP/1.1\r\nHost: x\r\nX-Slow: ')
      }
      const ask = async () => {
        const response = await fetch(program.demoUrl, { method: 'POST', body: '{"order":1}' })
        return [response.status, JSON.parse(await response.text()).success]
      }
      for (let round = 0; round < 20; round += 1) expect(await ask()).toEqual([200, true])
      expect(sockets.filter(({ socket }) => socket.destroyed)).toHaveLength(0)
      for (const { socket } of sockets) socket.destroy()
      expect(await ask()).toEqual([200, true])
      await waitFor(async () => (await openFilesOf(program.pid())) < 200, { what: 'closed connections' })
    } finally {
      for (const { socket } of sockets) socket.destroy()
      await program.remove()
    }
  })
})

/** How many files a process may have open. */
async function openFiles(): Promise<number> {
  const limits = await readFile('/proc/self/limits', 'utf8')
  return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? 0)
}

async function openFilesOf(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length
}
