import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type Reply, type TestApp } from './harness/api.ts'
import { waitFor } from './harness/waitFor.ts'

let app: TestApp
let other: { url: string; stop(): Promise<void> }

beforeAll(async () => {
  app = await startTestApp({ BELLWIRE_MAX_BODY_BYTES: '400000' }, { worker: false })
  other = await app.startFrontDoor()
})

afterAll(async () => {
  await other?.stop()
  await app?.stop()
})

/** An agent with a new webhook with these settings. */
async function setUp(settings: Record<string, unknown> = {}, agent: Record<string, unknown> = {}) {
  const { id: agentId } = await app.createAgent(agent)
  const made = await app.call('POST', `/api/agents/${agentId}/webhooks`, settings)
  expect(made.status, JSON.stringify(made.body)).toBe(201)
  return { agentId, webhookId: String(made.body.id), url: String(made.body.url) }
}

async function rejectionsOf(webhookId: string, count = 1): Promise<Reply['body'][]> {
  return waitFor(async () => {
    const { body } = await app.call('GET', `/api/rejections?webhook_id=${webhookId}`)
    return body.data.length >= count && body.data
  })
}

const SCHEMA = { type: 'object', required: ['order'] }

describe('a request that starts no task is recorded', () => {
  it.each<[string, number, Record<string, unknown>, (url: string) => Promise<Reply>]>([
    ['schema_invalid', 422, { payload_schema: SCHEMA }, (url) => app.call('POST', url, { a: 1 })],
    ['method_not_allowed', 405, { methods: ['POST'] }, (url) => app.call('GET', `${url}?a=1`)],
    ['body_invalid', 400, {}, (url) => app.call('POST', url, '{"a":')],
    [
      'idempotency_key_too_long',
      400,
      {},
      (url) => app.call('POST', url, { a: 1 }, { 'idempotency-key': 'x'.repeat(300) }),
    ],
    [
      'body_too_large',
      413,
      {},
      (url) => app.call('POST', url, JSON.stringify({ text: 'x'.repeat(500_000) })),
    ],
    ['webhook_disabled', 404, { enabled: false }, (url) => app.call('POST', url, { a: 1 })],
    [
      'webhook_disabled',
      404,
      { enabled: false },
      (url) => app.call('POST', url, JSON.stringify({ text: 'x'.repeat(300_000) })),
    ],
  ])('%s: %i', async (reason, status, settings, send) => {
    const { webhookId, url, agentId } = await setUp(settings)
    const answer = await send(url)
    expect(answer).toMatchObject({ status, body: { code: reason } })
    const [kept, ...more] = await rejectionsOf(webhookId)
    expect(more).toEqual([])
    expect(kept).toMatchObject({
      reason,
      webhook_id: webhookId,
      webhook_name: 'Webhook',
      agent_id: agentId,
      agent_name: 'Test',
      detail: expect.any(String) as string,
      accepted_task_id: null,
      repeats: 0,
    })
    expect(Math.abs(Date.parse(kept.created_at) - Date.now())).toBeLessThan(60_000)
    expect(await app.call('GET', `/api/rejections/${kept.id}`)).toMatchObject({
      status: 200,
      body: { id: kept.id, headers: { 'user-agent': expect.any(String) as string } },
    })
  })

  it('with its headers and its body, without any secrets', async () => {
    const { webhookId, url } = await setUp({ payload_schema: SCHEMA })
    const headers = {
      authorization: 'Bearer hunter2',
      'x-hub-signature-256': 'hunter2',
      'x-github-event': 'push',
    }
    await app.call('POST', `${url}?token=hunter2&a=1`, { a: 'ü' }, headers)
    const [kept] = await rejectionsOf(webhookId)
    const { body } = await app.call('GET', `/api/rejections/${kept.id}`)
    expect(body).toMatchObject({
      method: 'POST',
      content_type: 'application/json',
      size: 10,
      body: '{"a":"ü"}',
      body_complete: true,
      headers: { authorization: '***', 'x-hub-signature-256': '***', 'x-github-event': 'push' },
      query: { token: '***', a: '1' },
    })
    expect(JSON.stringify(body)).not.toContain('hunter2')
    expect(app.logged()).not.toContain('hunter2')
  })

  it('and counted; an unknown token is only counted', async () => {
    const before = await app.call('GET', '/api/rejections?limit=1')
    await app.call('POST', '/api/webhooks/agents/nobody', { a: 1 })
    const { body } = await app.call('GET', '/metrics', undefined, { authorization: `Bearer ${app.adminKey}` })
    expect(body).toMatch(/bellwire_failed_attempts_total\{kind="webhook_token"\} 1\n/)
    expect(body).toMatch(/bellwire_rejections_total\{reason="schema_invalid"\} \d+\n/)
    const after = await app.call('GET', '/api/rejections?limit=1')
    expect(after.body.data).toEqual(before.body.data)
  })

  it('a repeated key with another payload as well, with the task of the first', async () => {
    const { webhookId, url } = await setUp()
    const key = { 'idempotency-key': 'order-1024' }
    const first = await app.call('POST', url, { a: 1 }, key)
    const second = await app.call('POST', url, { a: 2 }, key)
    expect(second.body.task_id).toBe(first.body.task_id)
    const [kept] = await rejectionsOf(webhookId)
    expect(kept).toMatchObject({ reason: 'duplicate_mismatch', task_id: first.body.task_id })
  })
})

describe('a signed request that fails its check', () => {
  const secret = 'the-secret-of-this-test'
  const sign = (body: string, key: string) => `sha256=${createHmac('sha256', key).update(body).digest('hex')}`

  it('is recorded with the failed check, and starts the agent when it is accepted', async () => {
    const { webhookId, url } = await setUp({ source: 'github', secrets: [secret] })
    const body = JSON.stringify({ action: 'opened', issue: { number: 7, title: 'It broke' } })
    const headers = { 'x-github-event': 'issues', 'x-github-delivery': 'd-1' }
    const wrong = sign(body, 'another')
    expect((await app.call('POST', url, body, headers)).status).toBe(401)
    expect((await app.call('POST', url, body, { ...headers, 'x-hub-signature-256': wrong })).status).toBe(401)
    const kept = await rejectionsOf(webhookId, 2)
    expect(kept.map(({ reason }: { reason: string }) => reason)).toEqual([
      'signature_invalid',
      'signature_missing',
    ])
    expect(kept[0]).toMatchObject({
      expected: expect.any(String) as string,
      received: expect.any(String) as string,
    })
    const { body: detail } = await app.call('GET', `/api/rejections/${kept[0].id}`)
    expect(detail.headers).toMatchObject({ ...headers, 'x-hub-signature-256': '***' })
    for (const secretText of [secret, sign(body, secret).slice(7), wrong.slice(7)]) {
      expect(JSON.stringify(detail)).not.toContain(secretText)
    }

    const accepted = await app.call('POST', `/api/rejections/${kept[0].id}/accept`)
    const task = await app.call('GET', `/api/tasks/${accepted.body.task_id}`)
    expect(task.body).toMatchObject({
      sender_verified: false,
      payload: { action: 'opened' },
      request: { event: 'issues', headers },
    })
    // The sender retries with the right secret: it is the same event.
    const right = { ...headers, 'x-hub-signature-256': sign(body, secret) }
    expect((await app.call('POST', url, body, right)).body.task_id).toBe(accepted.body.task_id)
  })
})

describe('the list', () => {
  it('is filtered, and refuses unknown filters', async () => {
    const { webhookId, url, agentId } = await setUp({ payload_schema: SCHEMA })
    for (let n = 0; n < 3; n += 1) await app.call('POST', url, { n })
    await rejectionsOf(webhookId, 3)
    const list = (query: string) => app.call('GET', `/api/rejections?${query}`)
    const first = await list(`agent_id=${agentId}&reason=schema_invalid&limit=2`)
    expect(first.body.data).toHaveLength(2)
    const rest = await list(`agent_id=${agentId}&limit=2&cursor=${first.body.next_cursor}`)
    expect(rest.body.data).toHaveLength(1)
    expect((await list(`agent_id=${agentId}&reason=filtered`)).body.data).toEqual([])
    expect((await list(`agent_id=${agentId}&until=2020-01-01T00:00:00Z`)).body.data).toEqual([])
    expect((await list(`agent_id=${agentId}&since=2020-01-01T00:00:00%2B02:00`)).body.data).toHaveLength(3)
    expect(await list('reason=because')).toMatchObject({ status: 422 })
    expect(await list('since=yesterday')).toMatchObject({ status: 422 })
    expect(await list('webhook_id=x')).toMatchObject({ status: 404 })
    for (const id of ['x', webhookId]) {
      expect(await app.call('GET', `/api/rejections/${id}`)).toMatchObject({
        status: 404,
        body: { code: 'rejection_not_found' },
      })
    }
    const unauthorized = await app.call('GET', '/api/rejections', undefined, { authorization: 'Bearer no' })
    expect(unauthorized.status).toBe(401)
  })
})

describe('accepting a rejection', () => {
  const accept = (id: string, base = '') => app.call('POST', `${base}/api/rejections/${id}/accept`)
  const asAdmin = (url: string) =>
    app.call('POST', url, undefined, { authorization: `Bearer ${app.adminKey}` })

  it('starts the agent with the original request, once however often it is repeated', async () => {
    const { webhookId, url } = await setUp({ payload_schema: SCHEMA })
    await app.call('POST', `${url}?a=1`, { amount: 1.1 }, { 'x-github-event': 'push' })
    const [{ id }] = await rejectionsOf(webhookId)
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, n) =>
        asAdmin(`${n % 2 ? app.url : other.url}/api/rejections/${id}/accept`),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200))
    expect(new Set(answers.map(({ body }) => body.task_id)).size).toBe(1)
    const taskId = answers[0]?.body.task_id
    expect(answers[0]?.body.links.status).toContain(taskId)
    expect((await accept(id)).body.task_id).toBe(taskId)

    const { body: task } = await app.call('GET', `/api/tasks/${taskId}`)
    expect(task).toMatchObject({
      state: 'PENDING',
      webhook_id: webhookId,
      payload: { amount: 1.1 },
      sender_verified: false,
      request: { method: 'POST', headers: { 'x-github-event': 'push' }, query: { a: '1' } },
    })
    const { body: list } = await app.call('GET', `/api/tasks?agent_id=${task.agent_id}`)
    expect(list.data).toHaveLength(1)
    const { body: kept } = await app.call('GET', `/api/rejections/${id}`)
    expect(kept).toMatchObject({ accepted_task_id: taskId, accepted_at: expect.any(String) as string })
  })

  it('is the same request when the sender sends it again', async () => {
    const { webhookId, url, agentId } = await setUp({ payload_schema: SCHEMA })
    const key = { 'idempotency-key': 'delivery-7' }
    await app.call('POST', url, { a: 1 }, key)
    const [{ id }] = await rejectionsOf(webhookId)
    const { body } = await accept(id)
    await app.call('PATCH', `/api/agents/${agentId}/webhooks/${webhookId}`, { payload_schema: null })
    const again = await app.call('POST', url, { a: 1 }, key)
    expect(again).toMatchObject({ status: 200, body: { task_id: body.task_id } })
    expect(again.headers.get('idempotency-replayed')).toBe('true')
  })

  it('with a repeated key creates a separate task', async () => {
    const { webhookId, url } = await setUp({ on_mismatch: 'reject' })
    const key = { 'idempotency-key': 'order-1' }
    const first = await app.call('POST', url, { a: 1 }, key)
    expect((await app.call('POST', url, { a: 2 }, key)).status).toBe(422)
    const [{ id }] = await rejectionsOf(webhookId)
    const { status, body } = await accept(id)
    expect(status).toBe(200)
    expect(body.task_id).not.toBe(first.body.task_id)
    expect((await app.call('GET', `/api/tasks/${body.task_id}`)).body.payload).toEqual({ a: 2 })
  })

  it('of a GET has its query as the payload, which lists show masked', async () => {
    const { webhookId, url } = await setUp({ methods: ['POST'] })
    await app.call('GET', `${url}?order=7&token=hunter2`)
    const [{ id }] = await rejectionsOf(webhookId)
    const kept = await app.call('GET', `/api/rejections/${id}`)
    expect(JSON.parse(kept.body.body)).toEqual({ order: '7', token: '***' })
    const { body } = await accept(id)
    const task = await app.call('GET', `/api/tasks/${body.task_id}`)
    expect(task.body.payload).toEqual({ order: '7', token: 'hunter2' })
  })

  it('explains why it is not possible', async () => {
    const { webhookId, url } = await setUp()
    await app.call('POST', url, '{"a":')
    await app.call('POST', url, JSON.stringify({ text: 'x'.repeat(500_000) }))
    const [large, broken] = await rejectionsOf(webhookId, 2)
    expect(await accept(broken.id)).toMatchObject({ status: 400, body: { code: 'body_invalid' } })
    expect(await accept(large.id)).toMatchObject({ status: 409, body: { code: 'conflict' } })
    expect(await accept(webhookId)).toMatchObject({ status: 404, body: { code: 'rejection_not_found' } })

    const disabled = await setUp({ enabled: false })
    await app.call('POST', disabled.url, { a: 1 })
    const [one] = await rejectionsOf(disabled.webhookId)
    expect(await accept(one.id)).toMatchObject({ status: 409, body: { code: 'conflict' } })
    await app.call('PATCH', `/api/agents/${disabled.agentId}/webhooks/${disabled.webhookId}`, {
      enabled: true,
    })
    expect((await accept(one.id)).status).toBe(200)
  })
})

describe('the rate limit of a webhook', () => {
  it('is shared by all processes, and reported to senders', async () => {
    const { webhookId, url } = await setUp({ rate_limit: { requests: 10, per_seconds: 60 } })
    const elsewhere = url.replace(app.url, other.url)
    const first = await app.call('POST', url, { a: 1 })
    expect(first.headers.get('ratelimit-policy')).toBe('"webhook";q=10;w=60')
    expect(first.headers.get('ratelimit')).toMatch(/^"webhook";r=9;t=(60|59)$/)
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, n) => app.call('POST', n % 2 ? url : elsewhere, { n })),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(9)
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused).toHaveLength(21)
    expect(refused[0]?.body).toMatchObject({ code: 'rate_limited', success: false })
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(50)
    expect(refused[0]?.headers.get('ratelimit')).toMatch(/^"webhook";r=0;t=\d+$/)
    const [kept] = await rejectionsOf(webhookId)
    expect(kept).toMatchObject({ reason: 'rate_limited', expected: '10 requests in 60 seconds' })

    expect((await app.call('POST', (await setUp()).url, { a: 1 })).headers.get('ratelimit')).toBeNull()
  })

  it('is validated', async () => {
    const { id } = await app.createAgent()
    for (const rate of [
      { requests: 0, per_seconds: 1 },
      { requests: 1 },
      { requests: 1, per_seconds: 1, x: 1 },
    ]) {
      expect(await app.call('POST', `/api/agents/${id}/webhooks`, { rate_limit: rate })).toMatchObject({
        status: 422,
      })
    }
  })
})

describe('limits.max_pending_tasks', () => {
  it('is exact across all processes, and there is room again when tasks start', async () => {
    const { webhookId, url, agentId } = await setUp({}, { limits: { max_pending_tasks: 10 } })
    const elsewhere = url.replace(app.url, other.url)
    const send = (count: number) =>
      Promise.all(Array.from({ length: count }, (_, n) => app.call('POST', n % 2 ? url : elsewhere, { n })))
    const answers = await send(60)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10)
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused).toHaveLength(50)
    expect(refused[0]?.body).toMatchObject({ code: 'pending_limited' })
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await rejectionsOf(webhookId)).at(-1)).toMatchObject({ reason: 'pending_limited' })

    // As when workers claim four of them.
    await app.database.db.pool.query(
      `with taken as (delete from bellwire.queue where task_id in
          (select task_id from bellwire.queue where agent_id = $1 limit 4) returning task_id)
        update bellwire.tasks set state = 'SUCCESS' where id in (select task_id from taken)`,
      [agentId],
    )
    let more = 0
    const sendMore = async (): Promise<void> => {
      more += (await send(10)).filter(({ status }) => status === 200).length
    }
    await waitFor(async () => {
      await sendMore()
      return more >= 4
    })
    await sendMore()
    expect(more).toBe(4)
  })

  it('does not affect a repeated request', async () => {
    const { url } = await setUp({}, { limits: { max_pending_tasks: 1 } })
    const key = { 'idempotency-key': 'once' }
    const first = await app.call('POST', url, { a: 1 }, key)
    expect((await app.call('POST', url, { a: 2 })).status).toBe(429)
    const again = await app.call('POST', url, { a: 1 }, key)
    expect(again).toMatchObject({ status: 200, body: { task_id: first.body.task_id } })
    expect((await app.call('POST', url, { a: 3 }, { 'idempotency-key': 'other' })).status).toBe(429)
  })

  it('applies to direct calls as well', async () => {
    const { url, agentId } = await setUp({}, { limits: { max_pending_tasks: 1 } })
    await app.call('POST', url, { n: 1 })
    const answer = await app.call('POST', '/api/answer', { question: 'Now?', agent_id: agentId })
    expect(answer).toMatchObject({ status: 429, body: { code: 'pending_limited' } })
  })

  it('can be raised and removed', async () => {
    const { url, agentId } = await setUp({}, { limits: { max_pending_tasks: 1 } })
    await app.call('POST', url, { n: 1 })
    expect((await app.call('POST', url, { n: 2 })).status).toBe(429)
    await app.call('PATCH', `/api/agents/${agentId}`, { limits: { max_pending_tasks: 3 } })
    await waitFor(async () => (await app.call('POST', url, { n: 3 })).status === 200)
    await app.call('POST', url, { n: 4 })
    await waitFor(async () => (await app.call('POST', url, { n: 5 })).status === 429)
    await app.call('PATCH', `/api/agents/${agentId}`, { limits: {} })
    await waitFor(async () => (await app.call('POST', url, { n: 6 })).status === 200)
  })
})
