import { request } from 'node:http'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'

const MIB = 1024 * 1024

let app: TestApp
let agent: { id: string; url: string }

beforeAll(async () => {
  app = await startTestApp({ BELLWIRE_MAX_BODY_MEMORY_BYTES: String(64 * MIB) }, { worker: false })
  agent = await app.createAgent()
})
afterAll(() => app?.stop())

it('many concurrent large bodies are accepted or refused with 503, and small ones continue', async () => {
  const large = JSON.stringify({ text: 'x'.repeat(20 * MIB) })
  const answers = Promise.all(Array.from({ length: 12 }, () => app.call('POST', agent.url, large)))
  const small = await app.call('POST', agent.url, { question: 'Are you there?' })
  expect(small.status).toBe(200)

  const replies = await answers
  const accepted = replies.filter(({ status }) => status === 200)
  const refused = replies.filter(({ status }) => status !== 200)
  expect(accepted.length).toBeGreaterThan(0)
  for (const { status, body, headers } of refused) {
    // A request that the database was too slow for may have succeeded, and its response says so.
    expect([status, ['overloaded', 'not_acknowledged', 'database_unavailable']]).toEqual([
      503,
      expect.arrayContaining([body.code]),
    ])
    expect(headers.get('retry-after')).toMatch(/^\d+$/)
  }
  expect(refused.filter(({ body }) => body.code === 'overloaded').length).toBeGreaterThan(0)
  const { rows } = await app.database.db.pool.query<{ bytes: number }>(
    'select length(payload) as bytes from bellwire.tasks where id = any($1)',
    [accepted.map(({ body }) => body.task_id)],
  )
  expect(rows.map(({ bytes }) => bytes)).toEqual(accepted.map(() => large.length))
})

it('a large body for an unknown URL is refused before it is sent', async () => {
  const sender = request(`${app.url}/api/webhooks/agents/unknown`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': 20 * MIB },
  })
  sender.on('error', () => undefined)
  sender.flushHeaders()
  const [response] = await once(sender, 'response')
  expect(response.statusCode).toBe(404)
  sender.destroy()
})

it('a management body with more values than any agent needs is refused quickly', async () => {
  const begun = performance.now()
  const many = await app.call('POST', '/api/agents', `{"tools":[${'{},'.repeat(2_000_000)}{}]}`)
  expect([many.status, many.body.code, many.body.detail]).toEqual([
    400,
    'body_invalid',
    expect.stringContaining('there are more than 100000 values'),
  ])
  const fewer = await app.call('POST', '/api/agents', `{"tools":[${'{},'.repeat(90_000)}{}]}`)
  expect([fewer.status, fewer.body.errors.length]).toEqual([422, 4])
  const fields = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`field_${index}`, index]))
  const unknown = await app.call('POST', '/api/agents', fields)
  expect([unknown.status, unknown.body.errors.length]).toEqual([422, 100])
  expect(performance.now() - begun).toBeLessThan(5_000)
})

it('unknown query parameters are all refused together, with suggestions', async () => {
  const { status, body } = await app.call('GET', '/api/tasks?sate=PENDING&agentid=x&teapot=1')
  expect([status, body.errors]).toEqual([
    422,
    [
      { pointer: '?sate', detail: 'is not a known field; did you mean "state"?' },
      { pointer: '?agentid', detail: 'is not a known field; did you mean "agent_id"?' },
      { pointer: '?teapot', detail: 'is not a known field' },
    ],
  ])
})
