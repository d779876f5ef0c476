import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './harness/api.ts'
import { waitFor } from './harness/waitFor.ts'

let app: TestApp
let agent: { id: string; url: string }

beforeAll(async () => {
  app = await startTestApp()
  agent = await app.createAgent()
})
afterAll(() => app?.stop())

const send = (delay: string, headers: Record<string, string> = {}, url = agent.url) =>
  app.call('POST', url, { question: 'Well?' }, { 'x-bellwire-delay': delay, ...headers })

const taskOf = async (id: string) => (await app.call('GET', `/api/tasks/${id}`)).body
const inState = (id: string, state: string) =>
  waitFor(async () => (await taskOf(id)).state === state, { deadlineMs: 30_000, what: `a task in ${state}` })

/** Makes a delayed task due. */
async function letTimeCome(id: string): Promise<void> {
  const { rowCount } = await app.database.db.pool.query(
    `update bellwire.queue set due_at = now() where task_id = $1 and why = 'delayed'`,
    [id],
  )
  expect(rowCount).toBe(1)
}

describe('X-Bellwire-Delay', () => {
  it('in seconds: the task is PENDING, shows when it starts, and does so', async () => {
    const before = Date.now()
    const { status, body } = await send('3600')
    expect(status).toBe(200)
    const task = await taskOf(body.task_id)
    expect(task).toMatchObject({ state: 'PENDING', held: { reason: 'delayed' } })
    expect(task.request.headers['x-bellwire-delay']).toBe('3600')
    const until = Date.parse(task.held.until)
    expect(until).toBeGreaterThan(before + 3_500_000)
    expect(until).toBeLessThan(Date.now() + 3_700_000)
    const list = await app.call('GET', `/api/tasks?agent_id=${agent.id}&state=PENDING`)
    expect(list.body.data).toEqual([
      expect.objectContaining({ id: body.task_id, held: expect.objectContaining({ reason: 'delayed' }) }),
    ])
    await letTimeCome(body.task_id)
    await inState(body.task_id, 'SUCCESS')
    expect((await taskOf(body.task_id)).held).toBeNull()
  })

  it('as a time with a zone', async () => {
    const time = new Date(Date.now() + 86_400_000)
    const local = new Date(time.getTime() + 2 * 3_600_000).toISOString().replace('Z', '+02:00')
    const { body } = await send(local)
    expect(Date.parse((await taskOf(body.task_id)).held.until)).toBe(time.getTime())
  })

  it('of a second starts the task by itself', async () => {
    const { body } = await send('1')
    const task = await inState(body.task_id, 'SUCCESS').then(() => taskOf(body.task_id))
    expect(Date.parse(task.started_at) - Date.parse(task.created_at)).toBeGreaterThanOrEqual(1_000)
  })

  it.each(['0', '0.0', '2020-01-01T00:00:00Z', new Date(Date.now() - 1_000).toISOString()])(
    '%s means immediately',
    async (delay) => {
      const { body } = await send(delay, { prefer: 'wait=30' })
      expect(body.status).toBe('SUCCESS')
    },
  )

  it.each([
    ['soon', 'as seconds'],
    ['-5', 'as seconds'],
    ['', 'as seconds'],
    ['1e3', 'as seconds'],
    ['PT1H', 'as seconds'],
    ['2099-01-01', 'as seconds'],
    ['2099-01-01T00:00:00', 'as seconds'],
    ['2026-13-45T00:00:00Z', 'as seconds'],
    ['2592001', 'more than 30 days'],
    ['2099-01-01T00:00:00Z', 'more than 30 days'],
  ])('%j is refused, starts nothing and is recorded', async (delay, detail) => {
    const other = await app.createAgent()
    const { status, body } = await send(delay, {}, other.url)
    expect([status, body.code]).toEqual([400, 'delay_invalid'])
    expect(body.detail).toContain(detail)
    expect((await app.call('GET', `/api/tasks?agent_id=${other.id}`)).body.data).toEqual([])
    const { body: rejections } = await app.call('GET', `/api/rejections?agent_id=${other.id}`)
    expect(rejections.data).toMatchObject([{ reason: 'delay_invalid' }])
    // Accepting the rejection starts the task immediately.
    const accepted = await app.call('POST', `/api/rejections/${rejections.data[0].id}/accept`)
    await inState(accepted.body.task_id, 'SUCCESS')
  })

  it('never waits for the result', async () => {
    const { body, headers } = await send('3600', { prefer: 'wait=60' })
    expect(body).toMatchObject({ status: 'PENDING', result: null })
    expect(headers.get('preference-applied')).toBeNull()
    const { rows } = await app.database.db.pool.query<{ interactive: boolean }>(
      'select interactive from bellwire.tasks where id = $1',
      [body.task_id],
    )
    expect(rows[0]?.interactive).toBe(false)
  })

  it('can be cancelled', async () => {
    const { body } = await send('3600')
    expect((await app.call('POST', body.links.cancel)).body.state).toBe('CANCELLED')
    const { rowCount } = await app.database.db.pool.query('select from bellwire.queue where task_id = $1', [
      body.task_id,
    ])
    expect(rowCount).toBe(0)
  })

  it('makes no difference to a repeated request with the same key', async () => {
    const first = await send('3600', { 'idempotency-key': 'later' })
    const second = await send('60', { 'idempotency-key': 'later' })
    expect(second.body.task_id).toBe(first.body.task_id)
  })

  it('does not count for a replay', async () => {
    const { body } = await send('3600')
    await app.call('POST', body.links.cancel)
    const replay = await app.call('POST', `/api/tasks/${body.task_id}/replay`, {})
    await inState(replay.body.task_id, 'SUCCESS')
  })

  it('is only for webhooks: callers that wait for an answer cannot delay it', async () => {
    for (const path of ['/api/answer', '/stream']) {
      const { status, body } = await app.call(
        'POST',
        path,
        { question: 'Well?', agent_id: agent.id },
        { 'x-bellwire-delay': '5', authorization: `Bearer ${app.adminKey}` },
      )
      expect([status, body.code]).toEqual([400, 'delay_invalid'])
      expect(body.detail).toContain('webhook')
    }
  })

  it('applies to each element of a batch', async () => {
    const { body } = await app.call('POST', `/api/agents/${agent.id}/webhooks`, { split: true })
    const { body: sent } = await app.call('POST', body.url, [1, 2], { 'x-bellwire-delay': '3600' })
    expect(sent.task_ids).toHaveLength(2)
    for (const id of sent.task_ids) expect((await taskOf(id)).held.reason).toBe('delayed')
  })

  it('yields to a hold: a released task starts immediately', async () => {
    const { body: webhook } = await app.call('POST', `/api/agents/${agent.id}/webhooks`, { hold: true })
    const { body } = await send('3600', {}, webhook.url)
    expect((await taskOf(body.task_id)).held.reason).toBe('webhook_hold')
    await app.call('POST', `/api/webhooks/${webhook.id}/held/release`, {})
    await inState(body.task_id, 'SUCCESS')
  })

  it('is not a hold: neither release nor discard affects it', async () => {
    const { body: webhook } = await app.call('POST', `/api/agents/${agent.id}/webhooks`, {})
    const { body } = await send('3600', {}, webhook.url)
    expect((await app.call('POST', `/api/webhooks/${webhook.id}/held/release`, {})).body.task_ids).toEqual([])
    expect((await app.call('POST', `/api/webhooks/${webhook.id}/held/discard`, {})).body.task_ids).toEqual([])
    expect((await app.call('GET', `/api/agents/${agent.id}/webhooks/${webhook.id}`)).body.held.count).toBe(0)
    expect((await taskOf(body.task_id)).state).toBe('PENDING')
  })

  it('counts towards max_pending_tasks', async () => {
    const limited = await app.createAgent({ limits: { max_pending_tasks: 1 } })
    expect((await send('3600', {}, limited.url)).status).toBe(200)
    expect((await send('3600', {}, limited.url)).body.code).toBe('pending_limited')
  })
})
