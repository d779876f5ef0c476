import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type Reply, type TestApp } from './harness/api.ts'

let app: TestApp
let other: { url: string; stop(): Promise<void> }

beforeAll(async () => {
  app = await startTestApp({ BELLWIRE_TRUSTED_PROXIES: '127.0.0.0/8' }, { worker: false })
  other = await app.startFrontDoor()
})

afterAll(async () => {
  await other?.stop()
  await app?.stop()
})

const from = (address: string) => ({ 'x-forwarded-for': address })

/** Sends the same wrong credential many times, alternating between both front doors. */
async function guess(times: number, send: (base: string) => Promise<Reply>): Promise<number[]> {
  const replies = Array.from({ length: times }, (_, n) => send(n % 2 ? app.url : other.url))
  return (await Promise.all(replies)).map(({ status }) => status)
}

describe('an address that guesses webhook tokens', () => {
  it('is refused by every process, while correct tokens from there start their agents', async () => {
    const { url } = await app.createAgent()
    const wrong = (base: string) =>
      app.call('POST', `${base}/api/webhooks/agents/guess`, { a: 1 }, from('203.0.113.1'))
    const statuses = await guess(100, wrong)
    expect(statuses.filter((status) => status === 404)).toHaveLength(60)
    expect(statuses.filter((status) => status === 429)).toHaveLength(40)
    const refused = await wrong(app.url)
    expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited', success: false } })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)

    expect((await app.call('POST', url, { a: 1 }, from('203.0.113.1'))).status).toBe(200)
    const elsewhere = await app.call('POST', '/api/webhooks/agents/guess', { a: 1 }, from('203.0.113.2'))
    expect(elsewhere.status).toBe(404)
  })

  it('is refused before a large body is received', async () => {
    const body = JSON.stringify({ text: 'x'.repeat(200_000) })
    const send = (base: string) =>
      app.call('POST', `${base}/api/webhooks/agents/guess`, body, from('203.0.113.3'))
    expect(await guess(70, send)).toContain(429)
  })
})

it('an address that guesses keys of direct calls is refused', async () => {
  const send = (base: string) =>
    app.call('POST', `${base}/api/answer`, { question: 'Hello?', api_key: 'wrong' }, from('203.0.113.4'))
  const statuses = await guess(80, send)
  expect(statuses.filter((status) => status === 401)).toHaveLength(60)
  expect(new Set(statuses)).toEqual(new Set([401, 429]))
})
