import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../../test/harness/database.ts'
import { seedAgent } from '../../../../test/harness/seed.ts'
import { newId } from '../../../db/id.ts'
import { Overview } from '../../../contract/overview.ts'
import { createReadOverview, readOverview } from './overview.ts'
import { rollUpActivity, SLOT_SECONDS } from './rollUp.ts'

let test: TestDatabase
let agentId: string
const NOW = new Date()
const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000)

beforeAll(async () => {
  test = await createTestDatabase()
  agentId = (
    await seedAgent(test.db, {
      name: 'Bell',
      budget: { max_cost_usd_per_day: 10, max_tokens_per_day: 1_000_000 },
    })
  ).agentId
  // One task a minute for ten hours; each took as many milliseconds as it is minutes old. Every tenth failed.
  await addTasks(
    Array.from({ length: 600 }, (_, minute) => ({
      at: minutesAgo(minute + 0.5),
      state: minute % 10 === 9 ? 'FAILURE' : 'SUCCESS',
      code: minute % 20 === 9 ? 'provider_auth' : 'timed_out',
      took: minute + 1,
    })),
  )
  await addTasks([
    { at: minutesAgo(2), state: 'CANCELLED', code: 'cancelled', took: 1 },
    { at: minutesAgo(3), state: 'WAITING', code: '', took: 1 },
    { at: minutesAgo(4), state: 'FAILURE', code: 'timed_out', took: 1 },
  ])
})
afterAll(() => test.drop())

async function addTasks(tasks: { at: Date; state: string; code: string; took: number }[]): Promise<void> {
  await test.db.pool.query(
    `insert into bellwire.tasks (id, agent_id, revision, origin, state, payload, request, error, created_at, started_at, finished_at)
      select id, $1, 1, 'webhook', state::bellwire.task_state, '{}', '{}',
        case when state = 'FAILURE' then json_build_object('code', code, 'message', 'It failed: ' || code) end,
        at, at, case when state <> 'WAITING' then at + took * interval '1 ms' end
      from unnest($2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::float8[]) as r (id, state, code, at, took)`,
    [
      agentId,
      tasks.map(({ at }) => newId(at.getTime())),
      tasks.map(({ state }) => state),
      tasks.map(({ code }) => code),
      tasks.map(({ at }) => at),
      tasks.map(({ took }) => took),
    ],
  )
}

it('counts tasks by time and outcome, with percentiles of their durations', async () => {
  const overview = await readOverview(test.db, '24h', { now: NOW })
  expect(Overview.parse(overview)).toEqual(overview)
  expect(overview.tasks).toMatchObject({
    total: 603,
    succeeded: 540,
    failed: 61,
    cancelled: 1,
    unfinished: 1,
  })
  expect(overview.tasks.success_rate).toBeCloseTo(540 / 601)
  for (const [found, exact] of [
    [overview.tasks.p50_ms, 300],
    [overview.tasks.p95_ms, 570],
  ] as const) {
    expect(Math.abs((found ?? 0) / exact - 1)).toBeLessThan(0.06)
  }
  expect(overview.counted_back_to).toBeNull()
  expect(overview.buckets).toHaveLength(48)
  expect(overview.buckets.reduce((sum, { total }) => sum + total, 0)).toBe(603)
  expect(overview.buckets.reduce((sum, { failed }) => sum + failed, 0)).toBe(61)
  const last = overview.buckets.at(-1)
  expect(Date.parse(last?.from ?? '')).toBeLessThanOrEqual(NOW.getTime())
  expect(Date.parse(last?.from ?? '') + overview.bucket_seconds * 1000).toBeGreaterThan(NOW.getTime())
})

it.each([
  ['1h', 60],
  ['6h', 72],
  ['7d', 56],
  ['30d', 60],
] as const)('shows %s in %s steps', async (period, steps) => {
  const { buckets, tasks } = await readOverview(test.db, period, { now: NOW })
  expect(buckets).toHaveLength(steps)
  expect(buckets.reduce((sum, { total }) => sum + total, 0)).toBe(tasks.total)
})

it('groups failures by agent and error, most frequent first', async () => {
  const { attention } = await readOverview(test.db, '24h', { now: NOW })
  const counts = attention.failures.map(({ code, count }) => [code, count])
  expect(counts).toEqual([
    ['timed_out', 31],
    ['provider_auth', 30],
  ])
  expect(attention.failures[0]).toMatchObject({ agent_id: agentId, agent_name: 'Bell' })
})

it('says how far it came when the time is up', async () => {
  const { counted_back_to: to, tasks } = await readOverview(test.db, '24h', { now: NOW, timeMs: 0 })
  // The first statement reads 2,000 tasks: all of them.
  expect([to, tasks.total]).toEqual([null, 603])
})

it('finds waiting calls, rejections that rise, callbacks that failed and budgets near their end', async () => {
  const webhookId = crypto.randomUUID()
  await test.db.pool.query(
    `insert into bellwire.approvals (id, task_id, agent_id, event, key, tool, access, step, question, parameters, expires_at)
      select gen_random_uuid(), gen_random_uuid(), $1, 1, n::text, 'refund', 'write', 1,
        case when n = 3 then 'Which one?' end, '{}', now() + interval '1 day' from generate_series(1, 3) n`,
    [agentId],
  )
  const rejected = [
    ...Array.from({ length: 9 }, () => ['signature_invalid', 10]),
    ['signature_invalid', 30 * 60],
    ['schema_invalid', 10],
    ...Array.from({ length: 9 }, () => ['rate_limited', 10]),
    ...Array.from({ length: 9 }, () => ['rate_limited', 30 * 60]),
    ...Array.from({ length: 9 }, () => ['filtered', 10]),
  ] as [string, number][]
  await test.db.pool.query(
    `insert into bellwire.rejections (id, webhook_id, agent_id, reason, method, headers, query, size, body, body_complete, stored, created_at)
      select id, $1, $2, reason, 'POST', '{}', '{}', 0, '', true, 1, at
      from unnest($3::uuid[], $4::text[], $5::timestamptz[]) as r (id, reason, at)`,
    [
      webhookId,
      agentId,
      rejected.map(([, minutes]) => newId(minutesAgo(minutes).getTime())),
      rejected.map(([reason]) => reason),
      rejected.map(([, minutes]) => minutesAgo(minutes)),
    ],
  )
  await test.db.pool.query(
    `insert into bellwire.deliveries (id, task_id, agent_id, webhook_id, event, task_event, content, state, due_at, error, finished_at)
      select gen_random_uuid(), gen_random_uuid(), $1, $2, 'task.failed', 2, 'thin', 'failed', null, 'answered 500', at
      from unnest($3::timestamptz[]) at`,
    [agentId, webhookId, [minutesAgo(5), minutesAgo(6), minutesAgo(48 * 60)]],
  )
  await test.db.pool.query(
    `insert into bellwire.usage_daily values ((now() at time zone 'UTC')::date, $1, 'demo/assistant', 3, 4, 0, 100, 0, 20, 0, 9)`,
    [agentId],
  )
  const { attention, spending } = await readOverview(test.db, '24h')
  expect(attention).toMatchObject({ approvals: 2, questions: 1 })
  expect(attention.rejections).toEqual([
    { agent_id: agentId, agent_name: 'Bell', reason: 'signature_invalid', count: 9, before: 1 },
  ])
  expect(attention.deliveries).toEqual([
    {
      agent_id: agentId,
      agent_name: 'Bell',
      webhook_id: webhookId,
      webhook_name: null,
      count: 2,
      error: 'answered 500',
      disabled_at: null,
    },
  ])
  expect(attention.budgets).toEqual([{ agent_id: agentId, agent_name: 'Bell', used: 0.9 }])
  expect(spending.agents).toEqual([
    { agent_id: agentId, agent_name: 'Bell', runs: 3, tokens: 120, cost_usd: '9' },
  ])
  expect(spending.models).toMatchObject([{ model: 'demo/assistant', cost_usd: '9' }])
})

it('finds webhooks that are silent, and callbacks that are switched off', async () => {
  const silent = async () => (await readOverview(test.db, '24h')).attention.silent
  expect(await silent()).toEqual([])
  const webhook = await addWebhook({ expect_every: '1d' })
  expect(await silent()).toEqual([])
  await test.db.pool.query(`insert into bellwire.webhook_activity values ($1, now() - interval '3 days')`, [
    webhook,
  ])
  await addWebhook({ expect_every: 60 }, `interval '2 minutes'`)
  await addWebhook({})
  expect(await silent()).toMatchObject([
    {
      agent_id: agentId,
      agent_name: 'Bell',
      webhook_id: webhook,
      webhook_name: 'Door',
      expected_seconds: 86_400,
    },
    { expected_seconds: 60, last_at: null, silent_seconds: expect.closeTo(120, -1) },
  ])
  await test.db.pool.query('update bellwire.webhooks set enabled = false')
  expect(await silent()).toEqual([])

  await test.db.pool.query(
    `insert into bellwire.callbacks (webhook_id, url, events, content, hosts, secrets, disabled_at)
      values ($1, 'https://a.example', '["end"]', 'full', '[]', '', now())`,
    [webhook],
  )
  const { attention } = await readOverview(test.db, '1h')
  expect(attention.deliveries).toContainEqual(
    expect.objectContaining({
      webhook_id: webhook,
      webhook_name: 'Door',
      count: 0,
      disabled_at: expect.any(String),
    }),
  )
})

async function addWebhook(options: object, age = `interval '0'`): Promise<string> {
  const id = newId()
  await test.db.pool.query(
    `insert into bellwire.webhooks (id, agent_id, name, options, updated_at) values ($1, $2, 'Door', $3, now() - ${age})`,
    [id, agentId, JSON.stringify(options)],
  )
  return id
}

describe('counts of half hours', () => {
  const periods = ['24h', '7d', '30d'] as const
  const read = async () => Promise.all(periods.map((period) => readOverview(test.db, period, { now: NOW })))
  const figures = (overviews: Overview[]) => overviews.map(({ tasks, buckets }) => ({ tasks, buckets }))

  async function rollUpAll(now = NOW): Promise<number> {
    let slots = 0
    for (;;) {
      const counted = await rollUpActivity(test.db, { batch: 100, now })
      slots += counted
      if (counted < 100) return slots
    }
  }

  it('say the same as the tasks themselves, however long ago those were accepted', async () => {
    const before = await read()
    expect(await rollUpAll()).toBeGreaterThan(1_500)
    expect(figures(await read())).toEqual(figures(before))
    expect(before.map(({ tasks }) => tasks.total)).toEqual([603, 603, 603])

    // Without any time to read tasks, only those of the current half hours are missing, and nothing is twice.
    const [month] = figures([await readOverview(test.db, '30d', { now: NOW, timeMs: 0 })])
    expect(month).toEqual(figures(before)[2])
  })

  it('are made once, and again while tasks of theirs have not ended', async () => {
    const at = minutesAgo(120)
    await addTasks([{ at, state: 'WAITING', code: '', took: 1 }])
    await test.db.pool.query('delete from bellwire.task_activity where slot > $1', [minutesAgo(180)])
    await rollUpAll()
    const later = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000)
    expect(await rollUpAll()).toBe(0)
    const counts = async () => {
      const { rows } = await test.db.pool.query(
        'select unfinished, failed from bellwire.task_activity where slot <= $1 order by slot desc limit 1',
        [at],
      )
      return rows[0]
    }
    const { failed } = await counts()
    expect(await counts()).toEqual({ unfinished: 1, failed })
    await test.db.pool.query(
      `update bellwire.tasks set state = 'FAILURE', finished_at = now() where state = 'WAITING' and created_at = $1`,
      [at],
    )
    expect(await rollUpAll(later(2))).toBeGreaterThan(0)
    expect(await counts()).toEqual({ unfinished: 0, failed: failed + 1 })
  })

  it('are kept as long as they are shown', async () => {
    await rollUpAll()
    const month = new Date(NOW.getTime() + 31 * 86_400_000)
    await rollUpActivity(test.db, { now: month })
    const { rows } = await test.db.pool.query(
      'select extract(epoch from $1::timestamptz - min(slot))::int as age from bellwire.task_activity',
      [month],
    )
    expect(rows[0].age).toBeLessThanOrEqual(32 * 86_400)
    expect(rows[0].age).toBeGreaterThan(32 * 86_400 - 2 * SLOT_SECONDS)
  })
})

it('reads once for all who look at the same time, and for a while after', async () => {
  const read = createReadOverview(test.db)
  const [one, two] = await Promise.all([read('24h'), read('24h')])
  expect(one).toBe(two)
  expect(await read('24h')).toBe(one)
  expect(await read('1h')).not.toBe(one)
})
