import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'

let app: TestApp
let agent: { id: string; url: string }

beforeAll(async () => {
  app = await startTestApp({}, { worker: false })
  agent = await app.createAgent()
})
afterAll(() => app?.stop())

/** Makes a webhook of the agent; gives its path in the API and its URL. */
async function createWebhook(settings: object): Promise<{ path: string; url: string }> {
  const { status, body } = await app.call('POST', `/api/agents/${agent.id}/webhooks`, settings)
  if (status !== 201) throw new Error(JSON.stringify(body))
  return { path: `/api/agents/${agent.id}/webhooks/${body.id}`, url: body.url }
}

it('a webhook that does not take GET says which methods it takes', async () => {
  const { url } = await createWebhook({ methods: ['POST'] })
  expect((await app.call('POST', url, {})).status).toBe(200)
  const { status, body, headers } = await app.call('GET', url)
  expect([status, body.code]).toEqual([405, 'method_not_allowed'])
  expect(headers.get('allow')).toBe('POST, HEAD, OPTIONS')
})

it('a change counts from the next request on, here and soon in other processes', async () => {
  const other = await app.startFrontDoor()
  try {
    const { path, url } = await createWebhook({})
    const elsewhere = url.replace(app.url, other.url)
    expect((await app.call('GET', url)).status).toBe(200)
    expect((await app.call('GET', elsewhere)).status).toBe(200)
    await app.call('PATCH', path, { methods: ['POST'] })
    expect((await app.call('GET', url)).status).toBe(405)
    await expect.poll(async () => (await app.call('GET', elsewhere)).status, { timeout: 2_000 }).toBe(405)
  } finally {
    await other.stop()
  }
})
