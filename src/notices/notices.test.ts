import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { NoticeSettingsInput, type NoticeKind } from '../contract/notice.ts'
import { newId } from '../db/id.ts'
import { createVault } from '../secrets/vault.ts'
import { seedAgent } from '../../test/harness/seed.ts'
import { createTestDatabase, type TestDatabase } from '../../test/harness/database.ts'
import { SLOW_CAUSES, QUICK_CAUSES } from './causes/causes.ts'
import { groupNotices } from './groupNotices.ts'
import { listMessages } from './messages.ts'
import { lookFor } from './noticeChores.ts'
import { createNoticeSettings, type NoticeSettingsStore } from './noticeSettings.ts'
import { writeNotices } from './notice.ts'

let test: TestDatabase
let settings: NoticeSettingsStore

beforeAll(async () => {
  test = await createTestDatabase()
  settings = createNoticeSettings({ db: test.db, vault: createVault(randomBytes(32)), hasMail: true })
})
afterAll(() => test?.drop())
beforeEach(async () => {
  await sql('delete from bellwire.notice_messages')
  await sql('delete from bellwire.notices')
  await save({})
})

const CHANNEL = { type: 'slack', url: 'https://hooks.slack.com/services/T/B/x' }

const sql = (text: string, values: unknown[] = []) => test.db.pool.query(text, values)

const save = (rules: Record<string, unknown>, channels: object[] = [CHANNEL]) =>
  settings.write(NoticeSettingsInput.parse({ channels, group_seconds: 0, ...rules }))

const look = () => lookFor({ db: test.db, settings }, [...QUICK_CAUSES, ...SLOW_CAUSES])

async function titles(kind: NoticeKind): Promise<string[]> {
  const { rows } = await test.db.pool.query<{ title: string }>(
    'select title from bellwire.notices where kind = $1 order by created_at, id',
    [kind],
  )
  return rows.map(({ title }) => title)
}

const group = async () => groupNotices(test.db, await settings.read())

async function messages() {
  const { items } = await listMessages(test.db.pool, { kind: undefined }, { limit: 100 })
  return items.toReversed()
}

/** Ids of one millisecond are in no order. */
let time = Date.now()

async function insertTask(agentId: string, state: string, more: Record<string, unknown> = {}) {
  const id = newId((time += 1))
  const { rows } = await test.db.pool.query<{ id: string }>(
    'select id from bellwire.webhooks where agent_id = $1',
    [agentId],
  )
  await sql(
    `insert into bellwire.tasks (id, agent_id, revision, webhook_id, origin, payload, request, state, error, finished_at, held)
      values ($1, $2, 1, $3, 'webhook', '{}', '{}', $4::text::bellwire.task_state, $5, case when $4::text in ('SUCCESS', 'FAILURE') then now() end, $6)`,
    [
      id,
      agentId,
      rows[0]?.id,
      state,
      state === 'FAILURE' ? '{"code":"provider_auth","message":"No."}' : null,
      more['held'] ?? null,
    ],
  )
  return id
}

async function run(agentId: string, ...states: string[]): Promise<void> {
  // In this order: their ids are in the order of their times.
  for (const state of states) await insertTask(agentId, state)
}

const FAILED = ['FAILURE', 'FAILURE', 'FAILURE']

async function insertApproval(agentId: string, minutes = 0, question: string | null = null): Promise<string> {
  const taskId = await insertTask(agentId, 'WAITING')
  const id = randomUUID()
  await sql(
    `insert into bellwire.approvals (id, task_id, agent_id, event, key, tool, access, step, question, parameters,
        created_at, expires_at)
      values ($1, $2, $3, 2, 'tool/1', 'refund', 'write', 1, $4, '{}', now() - make_interval(mins => $5), now() + interval '1 day')`,
    [id, taskId, agentId, question, minutes],
  )
  return id
}

describe('failures in a row', () => {
  it('are noticed once for each streak', async () => {
    const { agentId } = await seedAgent(test.db, { name: 'Refunds' })
    await run(agentId, 'SUCCESS', 'FAILURE', 'FAILURE')
    await look()
    expect(await titles('failures')).toEqual([])
    await run(agentId, 'FAILURE', 'PENDING')
    await Promise.all([look(), look(), look()])
    expect(await titles('failures')).toEqual(['Refunds has failed 3 times in a row: provider_auth'])
    await run(agentId, ...FAILED)
    await look()
    expect(await titles('failures')).toHaveLength(1)
    await run(agentId, 'SUCCESS')
    await look()
    await run(agentId, ...FAILED)
    await look()
    expect(await titles('failures')).toHaveLength(2)
  })

  it('of an agent that has never succeeded are noticed, those of a deleted agent and old ones are not', async () => {
    const [never, deleted, old] = await Promise.all(
      ['Never', 'Deleted', 'Old'].map((name) => seedAgent(test.db, { name })),
    )
    if (!never || !deleted || !old) throw new Error('three agents')
    for (const { agentId } of [never, deleted, old]) await run(agentId, ...FAILED)
    await sql('update bellwire.agents set deleted_at = now() where id = $1', [deleted.agentId])
    await sql(`update bellwire.tasks set finished_at = now() - interval '2 days' where agent_id = $1`, [
      old.agentId,
    ])
    await look()
    const found = await titles('failures')
    expect(found).toContain('Never has failed 3 times in a row: provider_auth')
    expect(found.join()).not.toMatch(/Deleted|Old/)
  })

  it('are not those of rehearsals', async () => {
    const { agentId } = await seedAgent(test.db, { name: 'Rehearsing' })
    await run(agentId, ...FAILED)
    await sql(`update bellwire.tasks set origin = 'rehearsal' where agent_id = $1`, [agentId])
    await run(agentId, 'FAILURE', 'FAILURE')
    await look()
    expect((await titles('failures')).join()).not.toContain('Rehearsing')
  })

  it('are not looked for when switched off', async () => {
    await save({ failures_in_a_row: null })
    const { agentId } = await seedAgent(test.db)
    await run(agentId, ...FAILED)
    await look()
    expect(await titles('failures')).toEqual([])
  })
})

describe('approvals', () => {
  it('are noticed, with the latest reminder that is due', async () => {
    const { agentId } = await seedAgent(test.db, { name: 'Approving' })
    const id = await insertApproval(agentId)
    await insertApproval(agentId, 500, 'Which  account?')
    await look()
    await look()
    expect((await titles('approvals')).toSorted()).toEqual([
      'Approving asks: Which account?',
      'Approving is waiting for approval to call refund',
      'Reminder after 8 h: Approving asks: Which account?',
    ])
    await sql(`update bellwire.approvals set created_at = created_at - interval '61 minutes' where id = $1`, [
      id,
    ])
    await look()
    expect(await titles('approvals')).toContain(
      'Reminder after 1 h: Approving is waiting for approval to call refund',
    )
  })

  it('say what the task is about, if the agent has a template for that', async () => {
    const { agentId } = await seedAgent(test.db, { name: 'Titled', title: 'Order {{ agent.name | upcase }}' })
    await insertApproval(agentId)
    await insertApproval(agentId, 0, 'Which account?')
    await look()
    expect((await titles('approvals')).filter((title) => title.startsWith('Titled')).toSorted()).toEqual([
      'Titled asks: Which account? (Order TITLED)',
      'Titled is waiting for approval to call refund (Order TITLED)',
    ])
  })

  it('that were decided before a message was made of them are left out', async () => {
    const { agentId } = await seedAgent(test.db)
    await insertApproval(agentId)
    await look()
    await sql(`update bellwire.approvals set state = 'approved' where state = 'waiting'`)
    await look()
    await group()
    expect((await messages()).filter(({ kind }) => kind === 'approvals')).toEqual([])
  })
})

describe('budgets', () => {
  const use = (agentId: string, tokens: number) =>
    sql(
      `insert into bellwire.usage_daily as u (day, agent_id, model, runs, model_calls, unpriced_model_calls, input_tokens,
          cached_input_tokens, output_tokens, reasoning_tokens, cost_usd)
        values ((now() at time zone 'UTC')::date, $1, 'm', 1, 1, 0, $2, 0, 0, 0, 0)
        on conflict (day, agent_id, model) do update set input_tokens = u.input_tokens + excluded.input_tokens`,
      [agentId, tokens],
    )

  it('are noticed at each level, once; a lower one that was passed is not', async () => {
    const [slow, fast] = await Promise.all(
      ['Slow', 'Fast'].map((name) => seedAgent(test.db, { name, budget: { max_tokens_per_day: 1_000 } })),
    )
    if (!slow || !fast) throw new Error('two agents')
    await use(slow.agentId, 499)
    await look()
    expect(await titles('budget')).toEqual([])
    await use(slow.agentId, 1)
    await use(fast.agentId, 2_000)
    await Promise.all([look(), look()])
    await use(slow.agentId, 350)
    await look()
    await look()
    expect((await titles('budget')).toSorted()).toEqual([
      'The daily budget of Fast is used up: new runs wait until the day ends in UTC',
      'The daily budget of Slow is 50% used',
      'The daily budget of Slow is 80% used',
    ])
  })

  it('of the instance counts, too', async () => {
    await sql(
      `insert into bellwire.settings (name, value) values ('daily_budget', '{"max_tokens_per_day":100}')
        on conflict (name) do update set value = excluded.value`,
    )
    await use(randomUUID(), 85)
    await look()
    expect(await titles('budget')).toContainEqual(
      expect.stringContaining('The daily budget of the instance is used up'),
    )
    await sql(`delete from bellwire.settings where name = 'daily_budget'`)
  })
})

describe('callbacks', () => {
  it('that are switched off, and deliveries that have failed, are noticed once', async () => {
    const { agentId } = await seedAgent(test.db, { name: 'Calling' })
    const { rows } = await test.db.pool.query<{ id: string }>(
      'select id from bellwire.webhooks where agent_id = $1',
      [agentId],
    )
    const webhookId = rows[0]?.id
    await sql(
      `insert into bellwire.callbacks (webhook_id, url, events, content, hosts, secrets, disabled_at)
        values ($1, 'https://x.example', '[]', 'full', '[]', '', now())`,
      [webhookId],
    )
    for (const [kind, attempts] of [
      ['reply', 1],
      ['reply', 1],
      ['callback', 0],
    ]) {
      await sql(
        `insert into bellwire.deliveries (id, kind, task_id, agent_id, webhook_id, event, task_event, content, state, attempts,
            due_at, error, finished_at)
          values ($1, $2, $3, $4, $5, 'task.succeeded', 3, 'full', 'failed', $6, null, 'it broke', now())`,
        [randomUUID(), kind, randomUUID(), agentId, webhookId, attempts],
      )
    }
    await look()
    await look()
    expect((await titles('callbacks')).toSorted()).toEqual([
      'Replies of Calling, webhook Webhook, have failed: it broke',
      'The callback of Calling, webhook Webhook, is switched off: its receiver answered 410 Gone',
    ])
  })
})

describe('silence', () => {
  it('is noticed once, and again when the webhook has rung in between', async () => {
    const { agentId } = await seedAgent(test.db, { name: 'Quiet' })
    const { rows } = await test.db.pool.query<{ id: string }>(
      `update bellwire.webhooks set options = '{"expect_every":"1h"}', updated_at = now() - interval '50 minutes'
        where agent_id = $1 returning id`,
      [agentId],
    )
    await look()
    expect(await titles('silence')).toEqual([])
    await sql(`update bellwire.webhooks set updated_at = now() - interval '70 minutes' where agent_id = $1`, [
      agentId,
    ])
    await look()
    await look()
    expect(await titles('silence')).toEqual([
      'The webhook Webhook of Quiet has received no request since it was saved; one is expected every 60 min',
    ])
    await sql(`insert into bellwire.webhook_activity values ($1, now() - interval '3 days')`, [rows[0]?.id])
    await look()
    expect((await titles('silence'))[1]).toContain('no request for 3 days')
    await sql('update bellwire.webhooks set enabled = false where agent_id = $1', [agentId])
  })
})

describe('loops and the queue', () => {
  it('are noticed once for each batch of held tasks', async () => {
    const { agentId } = await seedAgent(test.db, { name: 'Looping' })
    const held = JSON.stringify({ reason: 'loop_suspected', since: '2026-01-01T00:00:00Z' })
    for (const _ of [1, 2]) {
      const id = await insertTask(agentId, 'PENDING', { held })
      await sql(
        `insert into bellwire.queue (task_id, agent_id, rank, due_at, why) values ($1, $2, null, 'infinity', 'held')`,
        [id, agentId],
      )
      await look()
    }
    expect(await titles('loops')).toHaveLength(1)
    await sql('delete from bellwire.queue')
  })

  it('that is too old is noticed once an hour', async () => {
    await sql(
      `insert into bellwire.queue (task_id, agent_id, rank, due_at, why)
        values ($1, $2, 5, now() - interval '20 minutes', 'accepted')`,
      [randomUUID(), randomUUID()],
    )
    await look()
    await look()
    expect(await titles('queue')).toEqual([
      'A task has been in the queue for 20 minutes: there are too few workers, or they are slow or not running',
    ])
    await sql('delete from bellwire.queue')
  })
})

describe('messages', () => {
  const write = (count: number, kind: NoticeKind = 'failures') =>
    writeNotices(
      test.db.pool,
      Array.from({ length: count }, (_, n) => ({ key: randomUUID(), kind, title: `Agent ${n} has failed` })),
    )

  it('hold all notices of one kind', async () => {
    await write(3)
    await write(1, 'queue')
    expect(await group()).toBe(2)
    expect(await group()).toBe(0)
    const made = await messages()
    expect(made.map(({ kind, title, notices }) => [kind, title, notices.length])).toEqual([
      ['failures', '3 agents keep failing', 3],
      ['queue', 'Agent 0 has failed', 1],
    ])
    expect(made.map(({ deliveries }) => deliveries.length)).toEqual([1, 1])
  })

  it('wait until notices were collected for a while', async () => {
    await save({ group_seconds: 60 })
    await write(1)
    expect(await group()).toBe(0)
    await sql(`update bellwire.notices set created_at = now() - interval '61 seconds'`)
    await write(1)
    expect(await group()).toBe(1)
    expect((await messages())[0]?.notices).toHaveLength(2)
  })

  it('are no more than a few within an hour, whoever makes them; then one with all that has waited', async () => {
    await save({ max_per_hour: 2 })
    for (let n = 0; n < 10; n += 1) {
      await write(1)
      await Promise.all([group(), group(), group()])
    }
    const made = await messages()
    expect(made.map(({ notices }) => notices.length)).toEqual([1, 1])
    await sql(`update bellwire.notice_messages set created_at = now() - interval '61 minutes'`)
    await group()
    expect((await messages()).map(({ notices }) => notices.length)).toEqual([1, 1, 8])
  })

  it('are held back in quiet hours, but for what is urgent', async () => {
    const clock = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16)
    await save({ quiet_hours: { from: clock(-60), to: clock(60), urgent: ['queue'] } })
    await write(2)
    await write(1, 'queue')
    await group()
    expect((await messages()).map(({ kind }) => kind)).toEqual(['queue'])
    await save({ quiet_hours: { from: clock(60), to: clock(120) } })
    await group()
    expect((await messages()).map(({ kind, notices }) => [kind, notices.length])).toEqual([
      ['queue', 1],
      ['failures', 2],
    ])
  })

  it('go to the channels that want their kind', async () => {
    const { channels } = await save({}, [CHANNEL, { ...CHANNEL, kinds: ['queue'] }])
    await write(1)
    await group()
    expect((await messages())[0]?.deliveries.map(({ channelId }) => channelId)).toEqual([channels[0]?.id])
  })

  it('are not made without a channel', async () => {
    await save({}, [])
    const { agentId } = await seedAgent(test.db)
    await run(agentId, ...FAILED)
    expect(await look()).toBe(0)
  })
})
