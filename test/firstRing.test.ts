import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'
import { waitFor } from './harness/waitFor.ts'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp({}, { worker: false })
})
afterAll(() => app?.stop())

async function newWebhook(): Promise<{ id: string; agentId: string; url: string; path: string }> {
  const agent = await app.createAgent()
  const made = await app.call('POST', `/api/agents/${agent.id}/webhooks`, { name: 'New' })
  const path = `/api/agents/${agent.id}/webhooks/${made.body.id}`
  return { id: made.body.id, agentId: agent.id, url: made.body.url, path }
}

const PUSH = {
  'x-github-event': 'issues',
  'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
  'x-hub-signature-256': `sha256=${'5'.repeat(64)}`,
  'user-agent': 'GitHub-Hookshot/044aadd',
  authorization: 'Basic c2VjcmV0',
}
const ISSUE = {
  action: 'opened',
  issue: { number: 7, title: 'It crashes', body: 'On start.' },
  repository: { full_name: 'a/b' },
}

describe('a webhook without a source', () => {
  it('shows its first request as it arrives, with its likely sender', async () => {
    const { url, path } = await newWebhook()
    expect((await app.call('GET', `${path}/first_ring`)).body).toEqual({
      requests: [],
      suggestions: { source: null, payload_schema: null, message: null },
    })
    const waiting = app.call('GET', `${path}/first_ring?wait=30`)
    const rung = await app.call('POST', `${url}?team=a`, ISSUE, PUSH)
    expect(rung.status).toBe(200)
    const { status, body, headers } = await waiting
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(body.requests).toEqual([
      {
        id: expect.any(String),
        received_at: expect.any(String),
        method: 'POST',
        headers: expect.objectContaining({
          'x-github-event': 'issues',
          'user-agent': 'GitHub-Hookshot/044aadd',
          'x-hub-signature-256': '***',
          authorization: '***',
        }),
        query: { team: 'a' },
        content_type: 'application/json',
        size: Buffer.byteLength(JSON.stringify(ISSUE)),
        payload: ISSUE,
        task_id: rung.body.task_id,
        reason: null,
      },
    ])
    expect(JSON.stringify(body)).not.toMatch(/5{64}|c2VjcmV0/)
    expect(body.suggestions.source).toEqual({
      name: 'github',
      title: 'GitHub',
      confidence: 'high',
      evidence: ['The request has the header x-github-event.'],
    })
    expect(body.suggestions.payload_schema).toMatchObject({ type: 'object', required: expect.any(Array) })
    expect(body.suggestions.message).toContain('{{ payload.issue.title }}')
  })

  it('can be polled for as long as requested, and no longer', async () => {
    const { path } = await newWebhook()
    const started = performance.now()
    expect((await app.call('GET', `${path}/first_ring?wait=1`)).body.requests).toEqual([])
    expect(performance.now() - started).toBeGreaterThan(950)
    expect(performance.now() - started).toBeLessThan(5_000)
  })

  it('applies all suggestions with one call', async () => {
    const { agentId, url, path } = await newWebhook()
    await app.call('POST', url, ISSUE, PUSH)
    await app.call('GET', `${path}/first_ring?wait=30`)
    const before = await app.call('GET', `/api/agents/${agentId}`)
    const accepted = await app.call('POST', `${path}/first_ring/accept`, {
      source: true,
      payload_schema: true,
      message: true,
      secrets: ['It is a secret to everybody'],
    })
    expect(accepted).toMatchObject({
      status: 200,
      body: {
        webhook: { source: 'github', payload_schema: { type: 'object' }, secrets: { count: 1 } },
        agent: { id: agentId, revision: before.body.revision + 1 },
      },
    })
    const after = await app.call('GET', `/api/agents/${agentId}`)
    expect(after.body.message).toContain('{{ payload.issue.title }}')
    // It has a source now: nothing more is kept, and requests without a valid signature are refused.
    expect((await app.call('POST', url, ISSUE, PUSH)).status).toBe(401)
    expect((await app.call('GET', `${path}/first_ring`)).body.requests).toEqual([])
  })

  it('accepts custom values, and nothing if one of them is invalid', async () => {
    const { agentId, url, path } = await newWebhook()
    await app.call('POST', url, { a: 1 })
    await app.call('GET', `${path}/first_ring?wait=30`)
    const { revision } = (await app.call('GET', `/api/agents/${agentId}`)).body
    const accept = (body: object) => app.call('POST', `${path}/first_ring/accept`, body)
    for (const [body, pointer] of [
      [{ message: 'Order {{ payload.a }}', source: 'nobody' }, '/source'],
      [{ message: 'Order {{ payload.a }}', payload_schema: { type: 'nonsense' } }, '/payload_schema'],
      [{ message: '{{ broken', payload_schema: { type: 'object' } }, '/message'],
      // No sender is recognised.
      [{ source: true }, '/source'],
      [{}, ''],
    ] as const) {
      expect(await accept(body)).toMatchObject({ status: 422, body: { errors: [{ pointer }] } })
    }
    expect((await app.call('GET', path)).body).toMatchObject({ source: 'generic' })
    expect((await app.call('GET', path)).body).not.toHaveProperty('payload_schema')
    expect((await app.call('GET', `/api/agents/${agentId}`)).body.revision).toBe(revision)
    const own = await accept({ message: 'Order {{ payload.a }}' })
    expect(own.body.agent.revision).toBe(revision + 1)
    expect(own.body.webhook.source).toBe('generic')
  })

  it('keeps the first five, including those that started nothing, until they are deleted', async () => {
    const { url, path } = await newWebhook()
    const keptNow = async () => (await app.call('GET', `${path}/first_ring`)).body.requests
    await app.call('POST', url, '{"a":')
    const [first] = (await app.call('GET', `${path}/first_ring?wait=30`)).body.requests
    expect(first).toMatchObject({ payload: null, task_id: null, reason: 'body_invalid' })
    for (let n = 0; n < 8; n += 1) {
      await app.call('POST', url, { n })
      await waitFor(async () => (await keptNow()).length === Math.min(n + 2, 5), { what: 'a kept request' })
    }
    expect((await keptNow()).map(({ payload }: { payload: unknown }) => payload)).toEqual([
      null,
      { n: 0 },
      { n: 1 },
      { n: 2 },
      { n: 3 },
    ])
    expect((await app.call('DELETE', `${path}/first_ring`)).status).toBe(204)
    const waiting = app.call('GET', `${path}/first_ring?wait=30`)
    await app.call('GET', `${url}?again=1`)
    expect((await waiting).body.requests).toMatchObject([{ method: 'GET', payload: { again: '1' } }])
  })

  it('notifies a second waiting process, after the requests that it knows', async () => {
    const { url, path } = await newWebhook()
    await app.call('POST', url, { n: 1 })
    const first = (await app.call('GET', `${path}/first_ring?wait=30`)).body.requests[0].id
    const door = await app.startFrontDoor()
    try {
      const waiting = app.call('GET', `${door.url}${path}/first_ring?wait=30&after=${first}`, undefined, {
        authorization: `Bearer ${app.adminKey}`,
      })
      await app.call('POST', url, { n: 2 })
      expect((await waiting).body.requests.at(-1).payload).toEqual({ n: 2 })
    } finally {
      await door.stop()
    }
  })

  it('is only for operators', async () => {
    const { path } = await newWebhook()
    const other = await newWebhook()
    const noKey = { authorization: 'Bearer no' }
    expect((await app.call('GET', `${path}/first_ring`, undefined, noKey)).status).toBe(401)
    const wrong = `/api/agents/${other.agentId}${path.slice(path.indexOf('/webhooks'))}/first_ring`
    expect((await app.call('GET', wrong)).status).toBe(404)
  })
})
