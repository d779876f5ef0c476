import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SOURCE_NAMES, type SourceName } from '../src/ingress/sources/index.ts'
import { startTestApp, type TestApp } from './harness/api.ts'
import type { Delivery } from './sources/sample.ts'
import { SAMPLES } from './sources/samples.ts'

let app: TestApp
let agentId: string

beforeAll(async () => {
  app = await startTestApp({}, { worker: false })
  agentId = (await app.createAgent()).id
})
afterAll(() => app.stop())

async function createWebhook(source: SourceName, secrets: string[]): Promise<{ id: string; url: string }> {
  const { hmac } = SAMPLES[source]
  const { status, body } = await app.call('POST', `/api/agents/${agentId}/webhooks`, {
    source,
    secrets,
    hmac,
  })
  expect([status, body]).toEqual([201, body])
  return body
}

async function send(url: string, { method, search, headers, body }: Delivery) {
  const response = await fetch(search === '' ? url : `${url}?${search}`, {
    method,
    headers,
    ...(method === 'POST' ? { body } : {}),
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

async function countTasks(): Promise<number> {
  const { rows } = await app.database.db.pool.query('select count(*)::int as count from bellwire.tasks')
  return rows[0].count
}

/** Sources that need a provider's certificates or keys are tested in remote.test.ts, where these can be replaced. */
const WITHOUT_FETCHING = SOURCE_NAMES.filter((name) => SAMPLES[name].documents === undefined)

describe.each(WITHOUT_FETCHING)('a webhook of %s', (name) => {
  const sample = SAMPLES[name]
  const [secret, other] = sample.secrets

  it('starts a task for each event that its sender signs, and none for other requests', async () => {
    const { url } = await createWebhook(name, [secret])
    const sending = { secret, at: new Date(), url }
    const before = await countTasks()
    const tasks = sample.events ?? 1
    const accepted = await send(url, await sample.send(sending))
    expect([accepted.status, accepted.text]).toEqual([200, expect.stringContaining('"task_id"')])
    expect(await countTasks()).toBe(before + tasks)
    if (sample.expected.eventId !== undefined) {
      expect((await send(url, await sample.send(sending))).status).toBe(200)
      expect(await countTasks()).toBe(before + tasks)
    }

    const forged = await send(url, await sample.send({ ...sending, secret: other }))
    expect(forged.status).toBe(401)
    expect(JSON.parse(forged.text)).toMatchObject({ code: 'signature_invalid', success: false })
    expect(await countTasks()).toBe(before + tasks)
  })

  it('answers its handshakes, and starts no task for them', async () => {
    const { url } = await createWebhook(name, [secret])
    const before = await countTasks()
    for (const handshake of sample.handshakes ?? []) {
      const sending = { secret, at: new Date(), url }
      const answered = await send(url, await handshake.send(sending))
      const { status, body, json, headers = {} } = handshake.answer(sending)
      expect([answered.status, answered.text]).toEqual([status, answered.text])
      if (body !== undefined) expect(answered.text).toBe(body)
      if (json !== undefined) expect(JSON.parse(answered.text)).toEqual(json)
      for (const [key, value] of Object.entries(headers)) expect(answered.headers.get(key)).toBe(value)
      expect(answered.headers.get('x-content-type-options')).toBe('nosniff')
    }
    expect(await countTasks()).toBe(before)
  })
})
