import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createAuthenticate } from '../auth/authenticate.ts'
import { createKeys } from '../auth/keys.ts'
import { Problem } from '../contract/problem.ts'
import { openDatabase } from '../db/database.ts'
import { BellwireError, ERRORS } from '../errors.ts'
import { createServer } from './server.ts'
import {
  startManagementServer,
  type Answer,
  type ManagementServer,
} from '../../test/harness/managementServer.ts'
import { waitFor } from '../../test/harness/waitFor.ts'

const PRIVATE = 'pAsSwOrD-of-somebody'

let server: ManagementServer
let slow: { arrived: Promise<void>; finish: () => void }

/** Routes that go wrong in every way. */
const broken: FastifyPluginCallbackZod = (app, _options, done) => {
  app.get('/throw/error', () => {
    throw new Error(`cannot do it with ${PRIVATE}`)
  })
  app.get('/throw/text', () => {
    // oxlint-disable-next-line typescript/only-throw-error -- libraries do this
    throw PRIVATE
  })
  app.get('/throw/query', () =>
    server.database.db.pool.query('select created_at from bellwire.secrets where name = $1', [
      `${PRIVATE}\u0000`,
    ]),
  )
  app.get('/throw/schema', { schema: { response: { 200: z.object({ number: z.number() }) } } }, () => ({
    number: Number.NaN,
  }))
  app.get('/throw/rate', () => {
    throw new BellwireError('rate_limited', 'Slow down.', { retryAfter: 1.2, headers: { 'x-more': 'yes' } })
  })
  app.get('/throw/run', () => {
    throw new BellwireError('schema_invalid', 'x', { status: 502, extensions: { task_id: 'T' } })
  })
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>()
  slow = { arrived, finish }
  app.get('/slow', async () => {
    arrive()
    await finished
    return { done: true }
  })
  done()
}

beforeAll(async () => {
  server = await startManagementServer({ open: [broken], maxBodyBytes: 2_000 })
})
afterAll(() => server.stop())

/** Every error looks like this, whatever went wrong. */
function expectProblem(
  { status, headers, text, body }: Answer,
  code: keyof typeof ERRORS,
  as = ERRORS[code].status,
): Problem {
  expect([status, text]).toEqual([as, expect.any(String)])
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/)
  const problem = Problem.parse(body)
  expect(problem).toMatchObject({
    type: `urn:bellwire:error:${code}`,
    title: ERRORS[code].title,
    status: as,
    code,
    success: false,
    message: problem.detail,
    request_id: headers.get('x-request-id'),
  })
  return problem
}

describe('an unknown address', () => {
  it.each(['/', '/nope', '/api', '/api/agents/x/y', '/favicon.ico', '/api/agents/%2e%2e/x'])(
    '%s is not found',
    async (path) => {
      expectProblem(await server.call('GET', path, { key: null }), 'not_found')
      expectProblem(await server.call('POST', path, { key: null, body: '{' }), 'not_found')
    },
  )

  it('that cannot be decoded is refused', async () => {
    expectProblem(await server.call('GET', '/api/agents/%zz'), 'url_invalid')
  })
})

describe('a method that a path does not take', () => {
  it.each([
    ['PUT', '/api/agents', 'GET, POST'],
    ['POST', '/api/agents/x', 'DELETE, GET, PATCH'],
    ['HEAD', '/api/agents', 'GET, POST'],
    ['GET', '/api/secrets/x', 'DELETE, PUT'],
    ['DELETE', '/healthz', 'GET, HEAD'],
  ])('%s %s is answered with what it takes', async (method, path, allow) => {
    const answer = await server.call(method, path)
    expect(answer.headers.get('allow')).toBe(allow)
    if (method === 'HEAD') expect([answer.status, answer.text]).toEqual([405, ''])
    else
      expect(expectProblem(answer, 'method_not_allowed').detail).toBe(
        `Use ${allow.replace(/, (?=\w+$)/, ' or ')}.`,
      )
  })

  it('OPTIONS tells what it takes', async () => {
    const answer = await server.call('OPTIONS', '/api/agents', { key: null })
    expect([answer.status, answer.headers.get('allow')]).toEqual([204, 'GET, POST'])
    expectProblem(await server.call('OPTIONS', '/nope'), 'not_found')
  })
})

describe('a request without the right key', () => {
  it.each([
    ['no header', {}],
    ['an unknown key', { authorization: 'Bearer bw_admin_nonsense' }],
    ['an empty key', { authorization: 'Bearer ' }],
    ['another scheme', { authorization: `Basic ${btoa('admin:admin')}` }],
  ])('is refused with %s, before its body is looked at', async (_what, headers) => {
    const answer = await server.call('POST', '/api/agents', { key: null, headers, body: '{broken' })
    expectProblem(answer, 'unauthenticated')
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
  })

  it('is refused with the bare key', async () => {
    const headers = { authorization: server.adminKey }
    expectProblem(await server.call('GET', '/api/agents', { key: null, headers }), 'unauthenticated')
  })

  it('is let through however "Bearer" is written', async () => {
    const headers = { authorization: `bearer  ${server.adminKey}` }
    expect((await server.call('GET', '/api/agents', { key: null, headers })).status).toBe(200)
  })
})

describe('a body', () => {
  const post = (body: string, headers = {}) => server.call('POST', '/api/agents', { body, headers })

  it.each([
    '{',
    'nothing',
    '{"a":1}}',
    '{"__proto__":{"admin":true}}',
    '{"name":{"__proto__":null}}',
    '{"constructor":{"prototype":{"x":1}}}',
  ])('%s is refused', async (body) => {
    expectProblem(await post(body), 'body_invalid')
    expect(Reflect.get({}, 'admin')).toBeUndefined()
  })

  it.each(['', 'null', '[]', '1', '"x"'])('%j is not an agent', async (body) => {
    const { errors } = expectProblem(await post(body), 'schema_invalid')
    expect(errors).toMatchObject([{ pointer: '' }])
  })

  it('that is too large is refused', async () => {
    const body = JSON.stringify({ name: 'x'.repeat(3_000) })
    expectProblem(await post(body), 'body_too_large')
  })

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'nonsense',
    'application/jsonp',
  ])('of type %s is refused', async (type) => {
    expectProblem(await post('{}', { 'content-type': type }), 'content_type_unsupported')
  })

  it.each(['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/merge-patch+json'])(
    'of type %s is read',
    async (type) => {
      expectProblem(await post('{}', { 'content-type': type }), 'schema_invalid')
    },
  )
})

describe('a fault of ours', () => {
  it.each(['/throw/error', '/throw/text', '/throw/query', '/throw/schema'])(
    '%s says nothing of its cause',
    async (path) => {
      const answer = await server.call('GET', path)
      const { request_id: id } = expectProblem(answer, 'internal')
      for (const word of [PRIVATE, 'select', 'secrets', 'server.test.ts', ' at ', 'NaN'])
        expect(answer.text).not.toContain(word)
      const lines = server
        .logged()
        .split('\n')
        .filter((line) => line.includes(`"${id}"`))
      expect(lines.map((line) => JSON.parse(line))).toMatchObject([
        { level: 50, msg: 'request failed', err: { message: expect.any(String) } },
        { level: 30, msg: 'request', route: path, status: 500 },
      ])
    },
  )

  it('of a query is logged without its SQL and values', async () => {
    await server.call('GET', '/throw/query')
    const line =
      server
        .logged()
        .split('\n')
        .findLast((entry) => entry.includes('request failed')) ?? ''
    expect(JSON.parse(line)).toMatchObject({ err: { code: '22021' } })
    expect(line).not.toContain(PRIVATE)
    expect(line).not.toContain('select')
  })
})

it('errors carry their headers, extensions and another status where one is set', async () => {
  const limited = await server.call('GET', '/throw/rate')
  expect(expectProblem(limited, 'rate_limited').detail).toBe('Slow down.')
  expect(limited.headers.get('retry-after')).toBe('2')
  expect(limited.headers.get('x-more')).toBe('yes')
  const failed = await server.call('GET', '/throw/run')
  expectProblem(failed, 'schema_invalid', 502)
  expect(failed.body).toMatchObject({ task_id: 'T' })
})

describe('a database that is away', () => {
  it('is 503 with Retry-After, soon', async () => {
    const db = openDatabase('postgres://nobody@127.0.0.1:1/none', { name: 'test', onError: () => undefined })
    const app = createServer({
      config: {
        publicUrl: '',
        trustedProxies: [],
        maxBodyBytes: 1_000,
        maxBodyMemoryBytes: 10_000,
        corsOrigins: '*',
      },
      version: '0',
      log: pino({ level: 'silent' }),
      authenticate: createAuthenticate(createKeys({ db })),
      open: [],
      management: [(scope, _options, done) => done(void scope.get('/x', () => 'never'))],
    })
    try {
      const url = await app.listen({ host: '127.0.0.1', port: 0 })
      const response = await fetch(`${url}/x`, { headers: { authorization: 'Bearer x' } })
      const text = await response.text()
      const answer = { status: response.status, headers: response.headers, text, body: JSON.parse(text) }
      expectProblem(answer, 'database_unavailable')
      expect(response.headers.get('retry-after')).toBe('2')
    } finally {
      await app.close()
      await db.close()
    }
  })
})

describe('every answer', () => {
  it.each(['/api/agents', '/nope', '/healthz', '/api/openapi.json', '/api/agents/%zz', '/throw/error'])(
    '%s has the safety headers',
    async (path) => {
      const { headers } = await server.call('GET', path)
      expect(Object.fromEntries(headers)).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
        'cache-control': expect.stringContaining('no-store'),
        'x-request-id': expect.stringMatching(/^[\w-]+$/),
      })
      expect(headers.get('x-powered-by')).toBeNull()
      expect(headers.get('server')).toBeNull()
    },
  )

  it('has a request id of its own, whatever the client sends', async () => {
    const headers = { 'x-request-id': 'mine' }
    const ids = [
      await server.call('GET', '/healthz', { headers }),
      await server.call('GET', '/healthz', { headers }),
    ].map((answer) => answer.headers.get('x-request-id'))
    expect(new Set([...ids, 'mine']).size).toBe(3)
  })
})

describe('the log', () => {
  it('has one line for a request, without its query, body or key', async () => {
    const { headers } = await server.call('PATCH', `/api/agents/some-id?token=${PRIVATE}`, {
      json: { description: PRIVATE },
    })
    const id = headers.get('x-request-id')
    const lines = await waitFor(() => {
      const found = server
        .logged()
        .split('\n')
        .filter((line) => line.includes(`"${id}"`))
      return found.length > 0 && found
    })
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      request_id: id,
      method: 'PATCH',
      route: '/api/agents/:id',
      status: 404,
      ms: expect.any(Number),
      msg: 'request',
    })
    expect(server.logged()).not.toContain(server.adminKey)
    expect(lines[0]).not.toContain(PRIVATE)
  })

  it('does not show what could be a token in an address that is not known', async () => {
    const token = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'
    await server.call('GET', `/api/webhook/agents/${token}/x?key=${PRIVATE}`)
    expect(server.logged()).toContain('/api/webhook/agents/***/x')
    expect(server.logged()).not.toContain(token)
  })
})

describe('bytes that are no request', () => {
  async function send(bytes: string): Promise<string> {
    const socket = dial()
    socket.write(bytes)
    return read(socket)
  }

  it('are answered with a problem document', async () => {
    const text = await send('THIS IS NOT HTTP\r\n\r\n')
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(text).toContain('content-type: application/problem+json\r\n')
    expect(JSON.parse(text.split('\r\n\r\n')[1] ?? '')).toMatchObject({
      code: 'request_invalid',
      success: false,
    })
  })

  it('of endless headers too', async () => {
    const text = await send(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`)
    expect(text).toMatch(/^HTTP\/1\.1 431 /)
    expect(text).toContain('"code":"headers_too_large"')
  })
})

// Last: nothing can be asked of this server afterwards.
describe('a server that stops', () => {
  it('finishes what is under way and refuses what comes', async () => {
    const socket = dial()
    const everything = read(socket)
    socket.write('GET /slow HTTP/1.1\r\nhost: x\r\n\r\n')
    await slow.arrived
    const closed = server.app.close()
    await waitFor(() => !server.app.server.listening)
    socket.write('GET /api/agents HTTP/1.1\r\nhost: x\r\n\r\nGET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
    slow.finish()
    const text = await everything
    await closed
    expect(text).toContain('{"done":true}')
    expect(text).toContain('HTTP/1.1 503 Service Unavailable')
    expect(text).toContain('retry-after: 2')
    expect(text).toContain('"code":"shutting_down"')
    await server.app.close()
  })
})

it('a server that stops does not wait for ever', async () => {
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
  const app = createServer({
    config: {
      publicUrl: '',
      trustedProxies: [],
      maxBodyBytes: 1_000,
      maxBodyMemoryBytes: 10_000,
      corsOrigins: '*',
    },
    version: '0',
    log: pino({ level: 'silent' }),
    authenticate: () => Promise.reject(new Error('not asked')),
    open: [
      (scope, _options, done) => {
        scope.get('/never', () => {
          arrive()
          return new Promise(() => {})
        })
        done()
      },
    ],
    management: [],
    closeWithinMs: 50,
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const waiting = expect(fetch(`${url}/never`)).rejects.toThrow()
  await arrived
  await Promise.all([app.close(), app.close()])
  await waiting
})

function dial(): Socket {
  return connect(Number(new URL(server.url).port), '127.0.0.1')
}

async function read(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk) => (text += String(chunk)))
  await once(socket, 'close')
  return text
}
