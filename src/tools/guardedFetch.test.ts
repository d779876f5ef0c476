import { brotliCompressSync, gzipSync } from 'node:zlib'
import { createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startToolServer, type ToolServer } from '../../test/harness/toolServer.ts'
import { waitFor } from '../../test/harness/waitFor.ts'
import { createGuardedFetch, type GuardedFetch, type GuardedFetchOptions } from './guardedFetch.ts'

let server: ToolServer
const open: GuardedFetch[] = []

beforeAll(async () => {
  server = await startToolServer()
})

afterEach(async () => {
  server.reset()
  await Promise.all(open.splice(0).map((fetch) => fetch.close()))
})

afterAll(() => server.stop())

function create(options: GuardedFetchOptions = {}): GuardedFetch {
  const fetch = createGuardedFetch(options)
  open.push(fetch)
  return fetch
}

const LOOPBACK = { allowPrivateNetworks: ['127.0.0.0/8', '::1/128'] }

describe('without private networks', () => {
  const port = () => new URL(server.url).port

  it.each([
    'http://127.0.0.1:PORT/',
    'http://127.1:PORT/',
    'http://2130706433:PORT/',
    'http://0x7f.1:PORT/',
    'http://0x7f000001:PORT/',
    'http://0177.0.0.1:PORT/',
    'http://127.0.0.1.:PORT/',
    'http://①②⑦.0.0.1:PORT/',
    'http://0:PORT/',
    'http://0.0.0.0:PORT/',
    'http://[::1]:PORT/',
    'http://[::]:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://[::ffff:7f00:1]:PORT/',
    'http://[0:0:0:0:0:ffff:127.0.0.1]:PORT/',
    'http://[::7f00:1]:PORT/',
    'http://[64:ff9b::7f00:1]:PORT/',
    'http://[2002:7f00:1::]:PORT/',
    'http://[fe80::1]:PORT/',
    'http://localhost:PORT/',
    'http://LOCALHOST:PORT/',
    'http://169.254.169.254/latest/meta-data/',
    'http://10.0.0.1/',
  ])('%s is refused, and nothing is sent', async (url) => {
    const call = create()(url.replace('PORT', port()))
    await expect(call).rejects.toMatchObject({ name: 'GuardedFetchError', kind: 'refused' })
    expect(server.requests).toEqual([])
  })
})

describe('whatever is allowed', () => {
  it.each([
    ['file:///etc/passwd', 'only http and https'],
    ['ftp://example.com/', 'only http and https'],
    ['gopher://127.0.0.1:6379/_FLUSHALL', 'only http and https'],
    ['data:text/plain,hello', 'only http and https'],
    ['http://user:password@127.0.0.1/', 'user name or password'],
    ['http://127.0.0.1:22/', 'port 22'],
    ['http://127.0.0.1:25/', 'port 25'],
    ['http://127.0.0.1:6379/', 'port 6379'],
    ['https://127.0.0.1:5432/', 'port 5432'],
    ['http://', 'not a valid URL'],
    ['/relative', 'not a valid URL'],
    ['http://127.0.0.1%2eexample%2fx/', 'not a valid URL'],
  ])('%s is refused', async (url, detail) => {
    const call = create(LOOPBACK)(url)
    await expect(call).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining(detail) })
  })

  it('a message does not hold the password', async () => {
    await expect(create()('http://user:hunter2@example.com/')).rejects.not.toThrow(/hunter2/)
  })
})

describe('names', () => {
  const port = () => new URL(server.url).port

  it('are refused when one of their addresses is', async () => {
    const resolve = () =>
      Promise.resolve([
        { address: '93.184.216.34', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ])
    await expect(create({ resolve })(`http://two.example:${port()}/`)).rejects.toMatchObject({
      kind: 'refused',
    })
    expect(server.requests).toEqual([])
  })

  it('are resolved once, so that the answer cannot change after the check', async () => {
    const answers = [[{ address: '127.0.0.2', family: 4 }], [{ address: '169.254.169.254', family: 4 }]]
    let asked = 0
    const resolve = () => Promise.resolve(answers[asked++] ?? [])
    const fetch = create({ allowPrivateNetworks: ['127.0.0.1/32'], resolve })
    await expect(fetch(`http://rebind.example:${port()}/`)).rejects.toMatchObject({ kind: 'refused' })
    expect(asked).toBe(1)
  })

  it('are reached through the address that was checked', async () => {
    const resolve = (host: string) =>
      Promise.resolve(host === 'ok.example' ? [{ address: '127.0.0.1', family: 4 }] : [])
    const fetch = create({ ...LOOPBACK, resolve })
    const response = await fetch(`http://ok.example:${port()}/here`)
    expect(await response.json()).toEqual({ ok: true })
    expect(server.requests[0]?.headers.host).toBe(`ok.example:${port()}`)
    await expect(fetch(`http://nothing.example:${port()}/`)).rejects.toMatchObject({ kind: 'refused' })
  })

  it('that do not exist are a failure of the network', async () => {
    const resolve = () => Promise.reject(Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }))
    await expect(create({ resolve })('http://gone.example/')).rejects.toMatchObject({
      kind: 'network',
      message: 'gone.example could not be reached (ENOTFOUND)',
    })
  })
})

describe('redirects', () => {
  it('are handed back', async () => {
    server.handle(() => ({ status: 302, headers: { location: 'http://169.254.169.254/' } }))
    const response = await create(LOOPBACK)(server.url)
    expect(response.status).toBe(302)
    expect(server.requests).toHaveLength(1)
  })
})

describe('limits', () => {
  const maxBytes = 10_000

  it.each([
    ['a plain body', { body: 'x'.repeat(20_000) }],
    [
      'a body that gzip had made small',
      { body: gzipSync('x'.repeat(2_000_000)), headers: { 'content-encoding': 'gzip' } },
    ],
    [
      'a body that brotli had made small',
      { body: brotliCompressSync('x'.repeat(2_000_000)), headers: { 'content-encoding': 'br' } },
    ],
  ])('cut %s', async (_, reply) => {
    server.handle(() => reply)
    const response = await create({ ...LOOPBACK, maxBytes })(server.url)
    await expect(response.text()).rejects.toMatchObject({ kind: 'too_large' })
  })

  it('let a body through that is just long enough', async () => {
    server.handle(() => ({ body: gzipSync('x'.repeat(maxBytes)), headers: { 'content-encoding': 'gzip' } }))
    const response = await create({ ...LOOPBACK, maxBytes })(server.url)
    expect((await response.text()).length).toBe(maxBytes)
  })

  it('end a call that gets no answer', async () => {
    server.handle(() => ({ delayMs: 15_000 }))
    await expect(create({ ...LOOPBACK, timeoutMs: 100 })(server.url)).rejects.toMatchObject({
      kind: 'timeout',
    })
  })

  it('end an answer that drips', async () => {
    let sent = 0
    const drip = createServer((socket) => {
      socket.on('error', () => {})
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n')
      const timer = setInterval(() => socket.write('x', () => sent++), 20)
      socket.on('close', () => clearInterval(timer))
    })
    await new Promise<void>((resolve) => drip.listen(0, '127.0.0.1', resolve))
    const address = drip.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const response = await create({ ...LOOPBACK, timeoutMs: 300 })(`http://127.0.0.1:${port}/`)
    await expect(response.text()).rejects.toMatchObject({ kind: 'timeout' })
    expect(sent).toBeGreaterThan(2)
    await new Promise((resolve) => drip.close(resolve))
  })

  it('end with the caller, for his reason', async () => {
    const abort = new AbortController()
    const reason = new Error('enough')
    server.handle(() => {
      abort.abort(reason)
      return { delayMs: 15_000 }
    })
    await expect(create(LOOPBACK)(server.url, { signal: abort.signal })).rejects.toBe(reason)
    await expect(create(LOOPBACK)(server.url, { signal: abort.signal })).rejects.toBe(reason)
    expect(server.requests).toHaveLength(1)
  })
})

describe('a call', () => {
  it('carries method, headers and body', async () => {
    const response = await create(LOOPBACK)(`${server.url}/a?b=c`, {
      method: 'PUT',
      headers: { 'x-test': 'yes' },
      body: 'hello',
    })
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(server.requests[0]).toMatchObject({
      method: 'PUT',
      path: '/a?b=c',
      body: 'hello',
      headers: { 'x-test': 'yes' },
    })
  })

  it('may have no body in its answer', async () => {
    server.handle(() => ({ status: 204 }))
    expect((await create(LOOPBACK)(server.url)).status).toBe(204)
  })

  it('fails when the other side hangs up', async () => {
    server.handle(() => ({ cut: true }))
    await expect(create(LOOPBACK)(server.url)).rejects.toMatchObject({ kind: 'network' })
  })

  it('ends when the fetch is closed, and closing twice is safe', async () => {
    server.handle(() => ({ delayMs: 15_000 }))
    const fetch = create(LOOPBACK)
    const call = fetch(server.url).catch((error: unknown) => error)
    await waitFor(() => server.requests.length === 1)
    await Promise.all([fetch.close(), fetch.close()])
    expect(await call).toMatchObject({ kind: 'network' })
  })
})
