import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../src/db/id.ts'
import { startTestApp, type Reply, type TestApp } from './harness/api.ts'
import { waitFor } from './harness/waitFor.ts'

let app: TestApp
let agent: { id: string; url: string }

beforeAll(async () => {
  app = await startTestApp()
  agent = await app.createAgent()
})
afterAll(() => app?.stop())

/** Starts a task, and waits for its end. */
async function run(payload: unknown, url = agent.url): Promise<string> {
  const { body } = await app.call('POST', url, payload, { prefer: 'wait=30' })
  expect(body).toMatchObject({ status: 'SUCCESS' })
  return body.task_id
}

const list = (query: string): Promise<Reply> => app.call('GET', `/api/tasks?${query}`)
const idsOf = ({ body }: Reply): string[] => body.data.map(({ id }: { id: string }) => id)

/** A task that no worker runs. */
async function hold(payload: unknown, url = agent.url): Promise<string> {
  await app.stopWorker()
  return (await app.call('POST', url, payload)).body.task_id
}

/** All rows that belong to a task, in any table. */
async function rowsOf(id: string): Promise<Record<string, number>> {
  const { rows: tables } = await app.database.db.pool.query<{ name: string }>(
    `select table_name as name from information_schema.columns
      where table_schema = 'bellwire' and column_name = 'task_id'`,
  )
  const counts = tables.map(async ({ name }): Promise<[string, number]> => {
    const { rows } = await app.database.db.pool.query<{ count: number }>(
      `select count(*)::int from bellwire.${name} where task_id = $1`,
      [id],
    )
    return [name, rows[0]?.count ?? 0]
  })
  return Object.fromEntries((await Promise.all(counts)).filter(([, count]) => count > 0))
}

describe('GET /api/tasks', () => {
  it('finds tasks by text, states and time, with what a row needs', async () => {
    const id = await run({ question: 'Where is order 4711?' })
    await run({ other: true })
    const found = await list('q=ORDER%204711&state=SUCCESS&state=FAILURE&min_seconds=0')
    expect([idsOf(found), found.body.next_cursor, found.body.searched_back_to]).toEqual([[id], null, null])
    expect(found.body.data[0]).toMatchObject({
      title: 'Where is order 4711?',
      excerpt: 'Where is order 4711?',
      webhook_name: 'Default',
      replayed: false,
      error: null,
      state: 'SUCCESS',
    })
    expect(found.body.data[0].duration_ms).toBeGreaterThanOrEqual(0)
    expect(found.body.data[0].usage.cost_usd).toBeDefined()
    expect(idsOf(await list(`q=${id.slice(0, 18)}`))).toEqual([id])
    expect(idsOf(await list('q=order 4711&since=2020-01-01&until=2021-01-01T00:00:00+01:00'))).toEqual([])
    expect(idsOf(await list('q=order 4711&since=2020-01-01T00:00:00%2B01:00'))).toEqual([id])
    expect(idsOf(await list('q=order 4711&error_code=timeout'))).toEqual([])
  })

  it.each([
    ['state=DONE', '?state', /must be one of PENDING.*repeat it/],
    ['state=SUCCESS&state=x', '?state', /must be one of/],
    ['since=yesterday', '?since', /2026-03-01T08:00:00Z/],
    ['until=2026-13-01', '?until', /2026-03-01/],
    ['q=x', '?q', /2 to 200 characters/],
    ['q=a%00b', '?q', /NUL/],
    ['min_seconds=-1', '?min_seconds', /0 or more/],
    ['min_cost_usd=much', '?min_cost_usd', /0 or more/],
    ['text=x', '?text', /not a known field/],
  ])('refuses %s, and explains what to send', async (query, pointer, detail) => {
    for (const path of ['/api/tasks', '/api/tasks/counts', '/api/tasks/export']) {
      const { status, body } = await app.call('GET', `${path}?${query}`)
      expect([path, status, body.errors?.[0]?.pointer]).toEqual([path, 422, pointer])
      expect(body.errors[0].detail).toMatch(detail)
    }
  })

  it('refuses invalid ids', async () => {
    expect((await list('agent_id=x')).body.code).toBe('agent_not_found')
    expect((await list('webhook_id=x')).body.code).toBe('webhook_not_found')
    expect(idsOf(await list('webhook_id=00000000-0000-7000-8000-000000000000'))).toEqual([])
  })
})

it('GET /api/tasks/counts counts by state, by error code, and by hour or day', async () => {
  const own = await app.createAgent({ message: '{% if payload.n %}{ "n": {{ payload.n }} }{% endif %}' })
  await Promise.all([1, 2, 3].map((n) => run({ n }, own.url)))
  const failed = await app.call('POST', own.url, { other: 4 }, { prefer: 'wait=30' })
  expect(failed.body.status).toBe('FAILURE')
  const old = await hold({ n: 4 }, own.url)
  await app.call('POST', `/api/tasks/${old}/cancel`)
  const at = new Date(Date.now() - 3 * 86_400_000)
  await app.database.db.pool.query('update bellwire.tasks set created_at = $2, id = $3 where id = $1', [
    old,
    at,
    newId(at.getTime()),
  ])
  const daily = (await app.call('GET', `/api/tasks/counts?agent_id=${own.id}&since=2026-01-01T00:00:00Z`))
    .body
  await app.startWorker()
  expect(daily).toMatchObject({
    total: 5,
    states: { SUCCESS: 3, FAILURE: 1, CANCELLED: 1, WAITING: 0 },
    errors: [{ code: 'template_failed', count: 1 }],
    by: 'day',
  })
  const recent = (await app.call('GET', `/api/tasks/counts?agent_id=${own.id}&q="n"`)).body
  expect(recent).toMatchObject({
    total: 3,
    states: { SUCCESS: 3, CANCELLED: 0 },
    errors: [],
    by: 'hour',
    counted_back_to: null,
  })
  const sum = (field: (period: { total: number; states: Record<string, number> }) => number): number =>
    recent.periods.reduce((all: number, period: never) => all + field(period), 0)
  expect([sum(({ total }) => total), sum(({ states }) => states['SUCCESS'] ?? 0)]).toEqual([3, 3])
  expect(recent.periods[0].from).toMatch(/:00:00\.000Z$/)
})

describe('DELETE /api/tasks/{id}', () => {
  it('deletes everything that belongs to a task', async () => {
    const id = await run({ email: 'ada@example.com' })
    expect(Object.keys(await rowsOf(id))).toEqual(expect.arrayContaining(['steps', 'transitions']))
    expect((await app.call('DELETE', `/api/tasks/${id}`)).status).toBe(204)
    expect(await rowsOf(id)).toEqual({})
    for (const [method, path] of [
      ['GET', `/api/tasks/${id}`],
      ['DELETE', `/api/tasks/${id}`],
      ['GET', `/api/task_status?task_id=${id}`],
      ['GET', `/api/tasks/${id}/steps/model%2F0`],
      ['DELETE', '/api/tasks/x'],
    ] as const) {
      const { status, body } = await app.call(method, path)
      expect([path, status, body.code]).toEqual([path, 404, 'task_not_found'])
    }
  })

  it('refuses a task that has not ended', async () => {
    const id = await hold({ x: 1 })
    const refused = await app.call('DELETE', `/api/tasks/${id}`)
    expect([refused.status, refused.body.code]).toEqual([409, 'task_not_ended'])
    await app.call('POST', `/api/tasks/${id}/cancel`)
    expect((await app.call('DELETE', `/api/tasks/${id}`)).status).toBe(204)
    await app.startWorker()
  })

  it('a repeated request does not start a deleted task again', async () => {
    const headers = { 'idempotency-key': 'once' }
    const first = await app.call('POST', agent.url, { x: 2 }, { ...headers, prefer: 'wait=30' })
    await app.call('DELETE', `/api/tasks/${first.body.task_id}`)
    const again = await app.call('POST', agent.url, { x: 2 }, headers)
    expect(again.body.task_id).toBe(first.body.task_id)
  })
})

describe('POST /api/tasks/delete', () => {
  const remove = (body: unknown): Promise<Reply> => app.call('POST', '/api/tasks/delete', body)

  it('deletes the tasks whose payload has the value, however it is written, and no others', async () => {
    const matching: string[] = []
    for (const payload of [
      '{"customer":{"email":"zoë/1@example.com"}}',
      String.raw`{"customer":{"email":"zo\u00eb\/1@example.com"},"note":"\u0000 \ud800"}`,
      '{ "customer" : { "email" : "zoë/1@example.com" } , "more": [1, 2] }',
    ]) {
      matching.push(await run(payload))
    }
    const others = [
      await run({ customer: { email: 'zoë/1@example.com.au' } }),
      await run({ email: 'zoë/1@example.com' }),
      await run({ customer: [{ email: 'zoë/1@example.com' }] }),
    ]
    const running = await hold({ customer: { email: 'zoë/1@example.com' } })
    const receipt = await remove({ pointer: '/customer/email', value: 'zoë/1@example.com' })
    expect(receipt).toMatchObject({
      status: 200,
      body: {
        deleted: 3,
        task_ids: matching.toReversed(),
        not_ended: [running],
        searched_back_to: null,
        next_cursor: null,
      },
    })
    expect(Date.now() - Date.parse(receipt.body.searched_from)).toBeLessThan(60_000)
    for (const id of [...others, running])
      expect((await app.call('GET', `/api/tasks/${id}`)).status).toBe(200)
    for (const id of matching) expect((await app.call('GET', `/api/tasks/${id}`)).status).toBe(404)
    await app.startWorker()
    await waitFor(async () => (await app.call('GET', `/api/tasks/${running}`)).body.state === 'SUCCESS')
    expect(
      (await remove({ pointer: '/customer/0/email', value: 'zoë/1@example.com' })).body.task_ids,
    ).toEqual([others[2]])
  })

  it('compares numbers by all their digits', async () => {
    const id = await run('{"user":12345678901234567890}')
    const near = await run('{"user":12345678901234567891}')
    const { body } = await remove('{"pointer":"/user","value":12345678901234567890}')
    expect(body.task_ids).toEqual([id])
    expect((await remove('{"pointer":"/user","value":12345678901234567891.0}')).body.task_ids).toEqual([near])
  })

  it.each([
    [{ pointer: 'customer.email', value: 'x' }, '/pointer'],
    [{ pointer: '', value: 'x' }, '/pointer'],
    [{ pointer: '/a' }, '/value'],
    [{ pointer: '/a', value: { b: 1 } }, '/value'],
    [{ pointer: '/a', value: [] }, '/value'],
    [{ pointer: '/a', value: 1, cursor: 'x' }, '/cursor'],
    [{ pointer: '/a', value: 1, all: true }, '/all'],
  ])('refuses %j', async (body, pointer) => {
    const refused = await remove(body)
    expect([refused.status, refused.body.errors[0].pointer]).toEqual([422, pointer])
  })
})

it('GET /api/tasks/export writes each task on one line, with its payload unchanged', async () => {
  const own = await app.createAgent()
  const payloads = ['{"id":12345678901234567890,\r\n "text":"a\\nb"}', '"lone"', '{"x":"\\ud800\\u0000"}']
  const ids: string[] = []
  for (const payload of payloads) ids.push(await run(payload, own.url))
  const response = await fetch(`${app.url}/api/tasks/export?agent_id=${own.id}&state=SUCCESS`, {
    headers: { authorization: `Bearer ${app.adminKey}` },
  })
  expect(response.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8')
  const lines = (await response.text()).split('\n')
  expect(lines.pop()).toBe('')
  const tasks = lines.map((line) => JSON.parse(line))
  expect(tasks.map(({ id }) => id)).toEqual(ids.toReversed())
  expect(tasks.map(({ payload }) => payload)).toEqual(payloads.toReversed().map((text) => JSON.parse(text)))
  expect(lines[2]).toContain('12345678901234567890')
  expect(tasks[0]).toMatchObject({ state: 'SUCCESS', agent_name: 'Test', error: null })
  expect(tasks[0].result.answer).toBeTypeOf('string')
})
