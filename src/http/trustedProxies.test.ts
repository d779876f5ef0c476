import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startManagementServer, type ManagementServer } from '../../test/harness/managementServer.ts'

let proxied: ManagementServer
let open: ManagementServer

beforeAll(async () => {
  proxied = await startManagementServer({ trustedProxies: ['127.0.0.1/32'] })
  open = await startManagementServer()
})

afterAll(async () => {
  await proxied?.stop()
  await open?.stop()
})

/** Guesses from a client of the proxy until it is refused, for longer than allowed. */
async function guess(server: ManagementServer, forwardedFor: string): Promise<number[]> {
  const tries = Array.from({ length: 25 }, () =>
    server.call('POST', '/api/session', {
      key: null,
      json: { code: 'wrong' },
      headers: { 'x-forwarded-for': forwardedFor },
    }),
  )
  return (await Promise.all(tries)).map(({ status }) => status)
}

describe('behind a trusted proxy', () => {
  it('each client counts by itself', async () => {
    expect(await guess(proxied, '203.0.113.1')).toContain(429)
    const second = await guess(proxied, '203.0.113.2')
    expect(second.filter((status) => status === 401)).toHaveLength(20)
  })

  it('what clients write into the header does not count', async () => {
    await guess(proxied, '203.0.113.3')
    const more = await guess(proxied, '198.51.100.9, 203.0.113.3')
    expect(new Set(more)).toEqual(new Set([429]))
  })

  it('the /64 of an IPv6 client counts as one', async () => {
    await guess(proxied, '2001:db8:0:1::1')
    expect(new Set(await guess(proxied, '2001:db8:0:1:ffff::2'))).toEqual(new Set([429]))
    expect(await guess(proxied, '2001:db8:0:2::1')).toContain(401)
  })

  it('the host that it forwards is that of the page', async () => {
    const answer = await proxied.call('POST', '/api/session', {
      key: null,
      json: { key: proxied.adminKey },
      headers: { origin: 'http://inner.example', 'x-forwarded-host': 'inner.example' },
    })
    expect(answer.status).toBe(200)
  })
})

it('nobody is trusted by default', async () => {
  await guess(open, '203.0.113.1')
  expect(new Set(await guess(open, '203.0.113.2'))).toEqual(new Set([429]))
  const answer = await open.call('POST', '/api/session', {
    key: null,
    json: { key: open.adminKey },
    headers: { origin: 'http://inner.example', 'x-forwarded-host': 'inner.example' },
  })
  expect(answer).toMatchObject({ status: 403, body: { code: 'cross_origin' } })
})
