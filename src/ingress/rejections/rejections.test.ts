import { randomUUID } from 'node:crypto'
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.ts'
import { processorMs } from '../../../test/harness/processorTime.ts'
import { waitFor } from '../../../test/harness/waitFor.ts'
import { openDatabase } from '../../db/database.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import type { RejectionEntry } from './rejectionEntry.ts'
import { listRejections, readRejection } from './queries.ts'
import { createRejections } from './rejections.ts'
import { REJECTION_LIMITS, trimRejections } from './trim.ts'

let test: TestDatabase
const agentId = randomUUID()
const webhookId = randomUUID()

beforeEach(async () => {
  test = await createTestDatabase()
})

afterEach(() => test.drop())

function start(db = test.db, flood?: { rowsOfOne: number; rows: number; bodyBytes: number }) {
  const metrics = createMetrics()
  const log = pino({ level: 'silent' })
  const rejections = createRejections({ db, metrics, log, ...(flood ? { flood } : {}) })
  const counted = (name: string): number =>
    metrics
      .read()
      .filter((family) => family.name === name)
      .flatMap((family) => family.series.map((one) => ('value' in one ? one.value : 0)))
      .reduce((sum, value) => sum + value, 0)
  return { ...rejections, counted }
}

function entry(more: Partial<RejectionEntry> = {}): RejectionEntry {
  const body = more.body ?? Buffer.from('{"a":1}')
  return {
    webhookId,
    agentId,
    reason: 'signature_invalid',
    expected: 'HMAC-SHA256 of the body in X-Hub-Signature-256',
    received: 'a signature of 64 hexadecimal digits that does not match',
    headers: {
      'content-type': 'application/json',
      'x-hub-signature-256': 'sha256=0123456789abcdef',
      'x-github-event': 'issues',
      authorization: 'Bearer hunter2',
      cookie: 'a=hunter2',
    },
    method: 'POST',
    query: { a: '1', token: 'hunter2', api_key: 'hunter2', 'X-Signature': 'hunter2', monkey_business: 'x' },
    contentType: 'application/json',
    size: body.length,
    body,
    receivedAt: new Date(Date.now() - 5_000),
    ...more,
  }
}

const all = async () => (await listRejections(test.db, {}, { limit: 200 })).items
const size = async (): Promise<{ rows: number; bytes: number }> => {
  const { rows } = await test.db.pool.query<{ rows: number; bytes: number }>(
    'select count(*)::int as rows, coalesce(sum(stored), 0)::int as bytes from bellwire.rejections',
  )
  return rows[0] ?? { rows: 0, bytes: 0 }
}

it('keeps what came, without anything that is secret', async () => {
  const rejections = start()
  rejections.record(entry({ detail: 'NUL \0 and \ud800 half a pair' }))
  await rejections.stop()
  const [listed] = await all()
  const kept = await readRejection(test.db, listed?.id ?? '')
  expect(kept).toMatchObject({
    webhook_id: webhookId,
    agent_id: agentId,
    reason: 'signature_invalid',
    method: 'POST',
    size: 7,
    body_complete: true,
    repeats: 0,
    accepted_task_id: null,
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'issues',
      'x-hub-signature-256': '***',
      authorization: '***',
      cookie: '***',
    },
    query: { a: '1', token: '***', api_key: '***', 'X-Signature': '***', monkey_business: 'x' },
  })
  expect(kept.body.toString()).toBe('{"a":1}')
  expect(Math.abs(Date.now() - 5_000 - kept.created_at.getTime())).toBeLessThan(2_000)
  const { rows } = await test.db.pool.query('select r::text as row from bellwire.rejections r')
  expect(JSON.stringify(rows)).not.toMatch(/hunter2|0123456789abcdef/)
})

it('keeps a body whole up to a limit, and then its start', async () => {
  const rejections = start()
  rejections.record(entry({ body: Buffer.alloc(256 * 1024, 'x') }))
  rejections.record(entry({ body: Buffer.alloc(256 * 1024 + 1, 'x') }))
  rejections.record(entry({ body: undefined, size: 30_000_000, reason: 'body_too_large' }))
  await rejections.stop()
  const kept = await Promise.all((await all()).map(({ id }) => readRejection(test.db, id)))
  const found = kept.map((one) => [one.size, one.body.length, one.body_complete])
  expect(found.toSorted((a, b) => Number(a[0]) - Number(b[0]))).toEqual([
    [262_144, 262_144, true],
    [262_145, 4_096, false],
    [30_000_000, 0, false],
  ])
})

describe('a flood', () => {
  it('of 10,000 writes a few rows, counts the rest, and returns at once', async () => {
    const rejections = start()
    const body = Buffer.alloc(100_000, 'x')
    const began = processorMs()
    for (let n = 0; n < 10_000; n += 1) rejections.record(entry({ body }))
    expect(processorMs() - began).toBeLessThan(1_000)
    await rejections.stop()
    const rows = await all()
    // Twenty in the minute; forty, when it began a new one meanwhile.
    expect([20, 40]).toContain(rows.length)
    expect(rows.reduce((sum, row) => sum + 1 + row.repeats, 0)).toBe(10_000)
    expect(rejections.counted('bellwire_rejections_total')).toBe(10_000)
  })

  it('of many webhooks is bounded in rows and in bytes', async () => {
    const rejections = start(test.db, { rowsOfOne: 20, rows: 300, bodyBytes: 1_000_000 })
    const body = Buffer.alloc(50_000, 'x')
    for (let n = 0; n < 10_000; n += 1) rejections.record(entry({ webhookId: randomUUID(), body }))
    await rejections.stop()
    const { rows, bytes } = await size()
    expect([300, 600]).toContain(rows)
    expect(bytes).toBeLessThan(rows * 6_000 + 2_000_000)
    expect(rejections.counted('bellwire_rejections_total')).toBe(10_000)
    expect(rejections.counted('bellwire_rejections_unkept_total')).toBe(10_000 - rows)
  })

  it('while the database is away holds a bounded amount, and does not throw', async () => {
    const db = openDatabase('postgres://nobody@127.0.0.1:1/none', { name: 'test', onError: () => undefined })
    const rejections = start(db, { rowsOfOne: 1_000_000, rows: 1_000_000, bodyBytes: 1_000_000_000 })
    const body = Buffer.alloc(100_000, 'x')
    const before = process.memoryUsage().arrayBuffers
    for (let n = 0; n < 10_000; n += 1) rejections.record(entry({ body }))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024)
    await rejections.stop()
    expect(rejections.counted('bellwire_rejections_unkept_total')).toBe(10_000)
    await db.close()
  })

  it('adds to the count of the row that stands for it, soon', async () => {
    const rejections = start(test.db, { rowsOfOne: 1, rows: 10, bodyBytes: 1_000 })
    for (let n = 0; n < 5; n += 1) rejections.record(entry())
    await waitFor(async () => (await all()).some((row) => row.repeats === 4))
    await rejections.stop()
  })
})

describe('trimming', () => {
  const fill = (count: number, more = '') =>
    test.db.pool.query(
      `insert into bellwire.rejections (id, webhook_id, agent_id, reason, method, headers, query, size, body,
          body_complete, stored, created_at)
        select ('00000000-0000-7000-8000-' || lpad(to_hex(n + (select count(*) from bellwire.rejections)), 12, '0'))::uuid,
          $1, $2, 'filtered', 'POST', '{}', '{}', 1, 'x', true, 1000, now() ${more}
        from generate_series(1, $3::int) n`,
      [webhookId, agentId, count],
    )

  it('removes what is too old, and the oldest of what is too many or too much', async () => {
    await fill(10, `- interval '15 days'`)
    await fill(30)
    expect(await trimRejections(test.db)).toBe(10)
    const limits = { ...REJECTION_LIMITS, ofWebhook: { rows: 25, bytes: 1_000_000 } }
    expect(await trimRejections(test.db, limits)).toBe(5)
    expect(await trimRejections(test.db, { ...limits, ofWebhook: { rows: 25, bytes: 20_500 } })).toBe(5)
    expect(await trimRejections(test.db, { ...limits, inAll: { rows: 15, bytes: 1_000_000 } }, 3)).toBe(3)
    expect(await trimRejections(test.db, { ...limits, inAll: { rows: 15, bytes: 12_000 } })).toBe(5)
    expect(await size()).toEqual({ rows: 12, bytes: 12_000 })
    const { rows } = await test.db.pool.query<{ first: string }>(
      'select min(id::text) as first from bellwire.rejections',
    )
    expect(rows[0]?.first).toMatch(/1d$/)
  })

  it('is done by the writer as well, so that a process without a worker fills no disk', async () => {
    await fill(2_500)
    const rejections = start(test.db, { rowsOfOne: 10_000, rows: 10_000, bodyBytes: 1_000_000 })
    for (let round = 0; round < 5; round += 1) {
      for (let n = 0; n < 400; n += 1) rejections.record(entry())
      await waitFor(() => rejections.counted('bellwire_rejections_total') === 400 * (round + 1))
      await rejections.stop()
    }
    expect((await size()).rows).toBeLessThan(1_600)
  })
})

it('lists newest first, by webhook, agent, reason and time, page by page', async () => {
  const rejections = start()
  const other = randomUUID()
  // Ids of the same millisecond are in no order.
  const next = () =>
    waitFor(
      (
        (now) => () =>
          Date.now() > now
      )(Date.now()),
      { everyMs: 1 },
    )
  rejections.record(entry({ receivedAt: new Date(Date.now() - 3_600_000) }))
  await next()
  rejections.record(entry({ reason: 'filtered' }))
  await next()
  rejections.record(entry({ webhookId: other, reason: 'filtered' }))
  await rejections.stop()
  const ask = async (filter: Parameters<typeof listRejections>[1], limit = 50, after?: string) => {
    const { items, next } = await listRejections(test.db, filter, { limit, after })
    return { found: items.map(({ webhook_id, reason }) => [webhook_id, reason]), next }
  }
  expect((await ask({})).found).toEqual([
    [other, 'filtered'],
    [webhookId, 'filtered'],
    [webhookId, 'signature_invalid'],
  ])
  expect((await ask({ webhookId, reason: 'filtered' })).found).toHaveLength(1)
  expect((await ask({ agentId })).found).toHaveLength(3)
  expect((await ask({ agentId: randomUUID() })).found).toHaveLength(0)
  const hourAgo = new Date(Date.now() - 1_800_000).toISOString()
  expect((await ask({ since: hourAgo })).found).toHaveLength(2)
  expect((await ask({ until: hourAgo })).found).toHaveLength(1)
  const page = await ask({}, 2)
  expect(page.found).toHaveLength(2)
  expect((await ask({}, 2, page.next ?? '')).found).toEqual([[webhookId, 'signature_invalid']])
})
