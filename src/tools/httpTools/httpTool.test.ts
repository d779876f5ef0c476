import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startToolServer, type ToolServer } from '../../../test/harness/toolServer.ts'
import { HttpTool } from '../../contract/agent.ts'
import { createGuardedFetch, type GuardedFetch } from '../guardedFetch.ts'
import { createHttpTool } from './httpTool.ts'
import { ToolError } from '../tool.ts'

const SECRETS: Record<string, string> = {
  ACCENTED: 'p\u00e4sswort-geheim',
  PLAIN: 'plain-secret-456',
  TOKEN: 'tok/en+with "quotes" & more',
  USER: 'ada',
  PASSWORD: 'correct horse',
}

let server: ToolServer
let fetch: GuardedFetch

beforeAll(async () => {
  server = await startToolServer()
  fetch = createGuardedFetch({ allowPrivateNetworks: ['127.0.0.0/8'] })
})

beforeEach(() => server.reset())

afterAll(async () => {
  await Promise.all([server.stop(), fetch.close()])
})

function create(config: object = {}, options: { fetch?: GuardedFetch } = {}) {
  const tool = HttpTool.parse({
    type: 'http',
    name: 'tool',
    description: 'A tool.',
    url: server.url,
    access: 'read',
    parameters: { type: 'object' },
    ...config,
  })
  return createHttpTool(tool, { fetch, secrets: (name) => Promise.resolve(SECRETS[name]), ...options })
}

function call(config: object, args: unknown = {}, options: { fetch?: GuardedFetch } = {}): Promise<unknown> {
  const context = {
    idempotencyKey: 'key-1',
    signal: new AbortController().signal,
    scope: new AsyncDisposableStack(),
  }
  return create(config, options).call(args, context)
}

/** The error that a call gives the model. */
async function errorOf(
  config: object,
  args: unknown = {},
  options: { fetch?: GuardedFetch } = {},
): Promise<string> {
  const error = await call(config, args, options).catch((thrown: unknown) => thrown)
  if (error instanceof ToolError) return error.message
  throw new Error('the call did not fail as expected', { cause: error })
}

function sent() {
  const request = server.requests.at(-1)
  if (!request) throw new Error('nothing was sent')
  return request
}

describe('a request', () => {
  it('is a GET without a body by default', async () => {
    await call({ url: `${server.url}/search?q={{ q }}` }, { q: 'a b' })
    expect(sent()).toMatchObject({ method: 'GET', path: '/search?q=a%20b', body: '', key: 'key-1' })
    expect(sent().headers['content-type']).toBeUndefined()
  })

  it.each(['POST', 'PUT', 'PATCH'])('with %s sends the arguments as JSON', async (method) => {
    await call({ method }, { a: [1, 'ü'] })
    expect(sent()).toMatchObject({ method, body: '{"a":[1,"ü"]}', key: 'key-1' })
    expect(sent().headers['content-type']).toBe('application/json')
  })

  it('with DELETE sends none', async () => {
    await call({ method: 'DELETE', url: `${server.url}/x/{{ id }}` }, { id: 3 })
    expect(sent()).toMatchObject({ method: 'DELETE', path: '/x/3', body: '', key: 'key-1' })
  })

  it('is written by templates over arguments and secrets', async () => {
    await call(
      {
        method: 'POST',
        headers: { 'X-Name': '{{ name }}', Authorization: 'Bearer {{ secrets.TOKEN | url_encode }}' },
        body: '{"text":{{ text | json }},"all":{{ arguments | json }}}',
      },
      { name: 'Ada', text: 'say "hi"' },
    )
    expect(JSON.parse(sent().body)).toEqual({ text: 'say "hi"', all: { name: 'Ada', text: 'say "hi"' } })
    expect(sent().headers).toMatchObject({ 'x-name': 'Ada', 'content-type': 'application/json' })
    expect(sent().headers.authorization).toMatch(/^Bearer tok%2Fen/)
  })

  it('may choose its content type and its idempotency key', async () => {
    const headers = { 'content-type': 'text/csv', 'idempotency-key': '{{ order }}' }
    await call({ method: 'POST', headers, body: 'a,{{ order }}' }, { order: 'o-1' })
    expect(sent()).toMatchObject({ body: 'a,o-1', key: 'o-1' })
    expect(sent().headers['content-type']).toBe('text/csv')
  })

  it('cannot be split by an argument', async () => {
    const headers = { 'X-Name': 'n {{ name }}' }
    expect(await errorOf({ headers }, { name: 'a\r\nX-Admin: 1' })).toContain('X-Name')
    expect(server.requests).toEqual([])
  })

  it('cannot take a secret’s place by an argument of that name', async () => {
    await call({ url: `${server.url}/{{ secrets.USER }}` }, { secrets: { USER: 'eve' } })
    expect(sent().path).toBe('/ada')
  })

  it('is not made without its secret', async () => {
    expect(await errorOf({ headers: { 'X-Key': '{{ secrets.ABSENT }}' } })).toContain('ABSENT')
    expect(server.requests).toEqual([])
  })
})

describe('a result', () => {
  it('that is nested beyond reason is shown as text', async () => {
    const body = '['.repeat(20_000) + ']'.repeat(20_000)
    server.handle(() => ({ status: 200, headers: { 'content-type': 'application/json' }, body }))
    expect(await call({})).toMatchObject({ body })
  })

  it.each([
    ['JSON', { body: { a: 1 } }, { status: 200, content_type: 'application/json', body: { a: 1 } }],
    ['text', { body: 'hello' }, { status: 200, content_type: 'text/plain', body: 'hello' }],
    ['nothing', { status: 204, body: '' }, { status: 204, content_type: 'text/plain' }],
    [
      'JSON of another kind',
      { body: '{"a":1}', headers: { 'content-type': 'application/problem+json; charset=utf-8' } },
      { status: 200, content_type: 'application/problem+json; charset=utf-8', body: { a: 1 } },
    ],
    [
      'what only calls itself JSON',
      { body: '<p>', headers: { 'content-type': 'application/json' } },
      { status: 200, content_type: 'application/json', body: '<p>' },
    ],
    [
      'text in another encoding',
      { body: Buffer.from([0xe4]), headers: { 'content-type': 'text/plain; charset=iso-8859-1' } },
      { status: 200, content_type: 'text/plain; charset=iso-8859-1', body: 'ä' },
    ],
    [
      'a picture',
      { body: Buffer.from([1, 2, 3]), headers: { 'content-type': 'image/png' } },
      { status: 200, content_type: 'image/png', note: expect.stringContaining('not text') },
    ],
  ])('of %s', async (_, reply, expected) => {
    server.handle(() => reply)
    expect(await call({})).toEqual(expected)
  })

  it('that is long is cut, and says so', async () => {
    server.handle(() => ({ body: 'x'.repeat(100_000) }))
    expect(await call({})).toMatchObject({
      body: 'x'.repeat(64 * 1024),
      note: expect.stringContaining('first 65536 of 100000 characters'),
    })
  })

  it('that is very long is not read to its end', async () => {
    server.handle(() => ({ body: { long: 'x'.repeat(5_000_000) } }))
    const result = await call({})
    expect(result).toMatchObject({ note: expect.stringContaining('more than') })
    expect(JSON.stringify(result).length).toBeLessThan(70_000)
  })

  it('that the guard cuts off is shown as far as it goes', async () => {
    const small = createGuardedFetch({ allowPrivateNetworks: ['127.0.0.0/8'], maxBytes: 200_000 })
    server.handle(() => ({ body: 'y'.repeat(300_000) }))
    expect(await call({}, {}, { fetch: small })).toMatchObject({ note: expect.stringContaining('truncated') })
    await small.close()
  })
})

describe('an error', () => {
  it.each([
    [{ status: 404, body: 'no such thing' }, 'HTTP 404 Not Found: no such thing'],
    [{ status: 422, body: { detail: 'bad' } }, 'HTTP 422 Unprocessable Entity: {"detail":"bad"}'],
    [{ status: 500, body: '' }, 'HTTP 500 Internal Server Error'],
    [
      { status: 302, body: '', headers: { location: 'http://elsewhere.example/' } },
      'HTTP 302 Found (redirects are not followed)',
    ],
  ])('of the other side: %o', async (reply, expected) => {
    server.handle(() => reply)
    expect(await errorOf({})).toBe(expected)
  })

  it('shows an excerpt of a long body', async () => {
    server.handle(() => ({ status: 500, body: 'z'.repeat(50_000) }))
    expect((await errorOf({})).length).toBeLessThan(2_100)
  })

  it('of the network says for a write that its effect is unknown', async () => {
    server.handle(() => ({ cut: true }))
    expect(await errorOf({ access: 'write', method: 'POST' })).toMatch(/effect is unknown/)
    expect(await errorOf({ access: 'read' })).not.toMatch(/effect/)
  })

  it('of the guard says that nothing was sent', async () => {
    const strict = createGuardedFetch()
    const message = await errorOf({ access: 'write', method: 'POST' }, {}, { fetch: strict })
    expect(message).toContain('not a public address (loopback)')
    expect(message).not.toMatch(/effect/)
    await strict.close()
  })

  it('of the arguments names them', async () => {
    const tool = create({
      parameters: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
    })
    expect(await tool.check({ n: 1 })).toBeUndefined()
    expect(await tool.check({})).toContain("required property 'n'")
    expect(await tool.check('n')).toContain('must be object')
  })
})

type Changed = { body?: string; headers?: Record<string, string>; query?: string }

describe('secrets', () => {
  const config = {
    method: 'POST',
    url: '',
    headers: {
      Authorization: 'Basic {{ secrets.USER | append: ":" | append: secrets.PASSWORD | base64_encode }}',
      'X-Token': '{{ secrets.TOKEN }}',
    },
    body: '{"token":{{ secrets.TOKEN | json }}}',
  }
  const traces = [
    SECRETS['TOKEN'] ?? '',
    JSON.stringify(SECRETS['TOKEN']).slice(1, -1),
    encodeURIComponent(SECRETS['TOKEN'] ?? ''),
    Buffer.from(SECRETS['TOKEN'] ?? '').toString('base64'),
    SECRETS['PASSWORD'] ?? '',
    Buffer.from(`${SECRETS['USER']}:${SECRETS['PASSWORD']}`).toString('base64'),
  ]

  it.each([200, 400])('that come back in an answer are taken out: %i', async (status) => {
    server.handle(({ headers, body, path }) => ({ status, body: { headers, body, path, plain: traces } }))
    const url = `${server.url}/?key={{ secrets.TOKEN }}&p={{ secrets.PASSWORD }}`
    const seen = await call({ ...config, url }).catch((error: unknown) => String(error))
    const text = typeof seen === 'string' ? seen : JSON.stringify(seen)
    expect(text).toContain('[redacted]')
    for (const trace of traces) expect(text).not.toContain(trace)
    expect(sent().headers.authorization).toContain('Basic ')
    expect(sent().headers['x-token']).toBe(SECRETS['TOKEN'])
  })

  it('that come back in JSON escapes, as a key or in the content type are taken out', async () => {
    const secret = 'p\u00e4sswort-geheim'
    const escaped = 'p\\u00e4sswort-geheim'
    server.handle(() => ({
      status: 200,
      headers: { 'content-type': 'application/json; note=plain-secret-456' },
      body: `{"list":["${escaped}"],"${escaped}":1}`,
    }))
    const headers = { A: '{{ secrets.PLAIN }}' }
    const result = await call({
      method: 'POST',
      url: `${server.url}/`,
      headers,
      body: '{{ secrets.ACCENTED }}',
    })
    const text = JSON.stringify(result)
    expect(text).toContain('[redacted]')
    expect(text).not.toContain(secret)
    expect(text).not.toContain('plain-secret-456')
  })

  it.each([
    ['a filter', { body: '{{ secrets.PLAIN | upcase }}' }, 'PLAIN-SECRET-456'],
    ['a variable', { body: '{% assign s = secrets.PLAIN | slice: 0, 8 %}{{ s }}' }, 'plain-se'],
    ['two outputs', { body: '{{ secrets.USER }}{{ secrets.PLAIN | slice: 0, 2 }}' }, 'adapl'],
    [
      'a capture',
      { body: '{% capture s %}<{{ secrets.PLAIN | upcase }}>{% endcapture %}{{ s }}' },
      '<PLAIN-SECRET-456>',
    ],
    ['a filter in a JSON body', { body: '{"k":{{ secrets.PLAIN | upcase | json }}}' }, 'PLAIN-SECRET-456'],
    [
      'a filter in a header',
      { headers: { A: 'v=1, k={{ secrets.PLAIN | upcase }}, x' } },
      'PLAIN-SECRET-456',
    ],
    ['a filter in the URL', { query: '{{ secrets.PASSWORD | upcase }}' }, 'CORRECT HORSE'],
  ])('that %s has changed are taken out', async (_what, { query = '', ...fields }: Changed, leaked) => {
    server.handle(({ body, headers, path }) => ({
      body: { said: [body, headers['a'], decodeURIComponent(path)], alone: leaked, order: 'o-4711' },
    }))
    const url = `${server.url}/?q=${query}&o={{ order }}`
    const text = JSON.stringify(await call({ method: 'POST', ...fields, url }, { order: 'o-4711' }))
    expect(text).toContain('[redacted]')
    expect(text).not.toContain(leaked)
    expect(text).toContain('"order":"o-4711"')
  })

  it('that come back in the JSON escapes of an error, or of JSON that is called text, are taken out', async () => {
    const body = '{"error":"p\\u00e4sswort-geheim \\u0070lain-secret-456"}'
    const config = {
      method: 'POST',
      url: `${server.url}/`,
      body: '{{ secrets.ACCENTED }}{{ secrets.PLAIN }}',
    }
    server.handle(() => ({ status: 400, headers: { 'content-type': 'application/json' }, body }))
    expect(await errorOf(config)).toBe('HTTP 400 Bad Request: {"error":"[redacted] [redacted]"}')
    server.handle(() => ({ status: 200, headers: { 'content-type': 'text/plain' }, body }))
    expect(await call(config)).toMatchObject({ body: '{"error":"[redacted] [redacted]"}' })
  })

  it('do not show in the error of a call that fails', async () => {
    server.handle(() => ({ cut: true }))
    const message = await errorOf({ ...config, url: `${server.url}/{{ secrets.TOKEN }}` })
    for (const trace of traces) expect(message).not.toContain(trace)
  })
})

it('stops for the reason of its signal', async () => {
  const abort = new AbortController()
  const reason = new Error('cancelled')
  server.handle(() => {
    abort.abort(reason)
    return { delayMs: 15_000 }
  })
  const running = create().call(
    {},
    { idempotencyKey: 'k', signal: abort.signal, scope: new AsyncDisposableStack() },
  )
  await expect(running).rejects.toBe(reason)
})
