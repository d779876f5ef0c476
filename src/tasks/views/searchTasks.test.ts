import { Buffer } from 'node:buffer'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.ts'
import { seedAgent } from '../../../test/harness/seed.ts'
import { newId } from '../../db/id.ts'
import type { RunError, TaskState } from '../../contract/task.ts'
import { listTasks } from './queries.ts'
import { scanTasks } from './scanTasks.ts'
import type { TaskFilter } from './taskFilter.ts'

let test: TestDatabase
let agentId: string

beforeAll(async () => {
  test = await createTestDatabase()
  agentId = (await seedAgent(test.db, { name: 'Busy' })).agentId
})
afterAll(() => test.drop())
beforeEach(() => test.db.pool.query('delete from bellwire.tasks'))

type Made = {
  payload?: string
  answer?: string
  error?: RunError
  state?: TaskState
  daysAgo?: number
  webhookId?: string
  origin?: string
  seconds?: number
  cost?: string
}

/** A task that was accepted some days ago. */
async function make({ daysAgo = 0, state = 'SUCCESS', ...made }: Made = {}): Promise<string> {
  const at = new Date(Date.now() - daysAgo * 86_400_000)
  const id = newId(at.getTime())
  await test.db.pool.query(
    `insert into bellwire.tasks (id, agent_id, revision, webhook_id, origin, state, payload, request, result, error, usage,
        created_at, started_at, finished_at)
      values ($1, $2, 1, $3, $4, $5, $6, '{"method":"POST","headers":{},"query":{}}', $7, $8, $9, $10, $10,
        $10::timestamptz + make_interval(secs => $11))`,
    [
      id,
      agentId,
      made.webhookId ?? null,
      made.origin ?? 'webhook',
      state,
      Buffer.from(made.payload ?? '{}'),
      made.answer === undefined ? null : JSON.stringify({ answer: made.answer }),
      made.error ? JSON.stringify(made.error) : null,
      made.cost === undefined ? null : JSON.stringify({ model_calls: 1, cost_usd: made.cost }),
      at,
      made.seconds ?? 1,
    ],
  )
  return id
}

async function find(filter: TaskFilter): Promise<string[]> {
  const { items, next, searchedBackTo } = await listTasks(test.db, { ...filter, limit: 50 })
  expect([next, searchedBackTo]).toEqual([null, null])
  return items.map(({ id }) => id)
}

describe('a text', () => {
  it('is found in payloads, results and errors, in any case, newest first', async () => {
    const inPayload = await make({ payload: '{"customer":{"name":"Ada Lovelace"}}', daysAgo: 3 })
    await make({ payload: '{"customer":{"name":"Grace Hopper"}}', answer: 'Done', daysAgo: 2 })
    const inResult = await make({ answer: 'Dear Ms LOVELACE,', daysAgo: 1 })
    const inError = await make({ state: 'FAILURE', error: { code: 'x', message: 'No lovelace here' } })
    expect(await find({ text: 'Lovelace' })).toEqual([inError, inResult, inPayload])
    expect(await find({ text: 'lovelace', states: ['SUCCESS'] })).toEqual([inResult, inPayload])
    expect(await find({ text: 'lovelace', states: ['PENDING', 'STARTED'] })).toEqual([])
  })

  it('means itself, whatever characters it has and however JSON writes them', async () => {
    const raw = await make({ daysAgo: 1, payload: '{"city":"Århus 100% _a_ C:\\\\x \\"y\\""}' })
    const escaped = await make({
      payload: String.raw`{"city":"\u00c5rhus 100% _a_ C:\\x \"y\" \ud83d\ude00"}`,
    })
    const both = [escaped, raw]
    for (const text of ['Århus', 'århus', 'rHus 100%', '100% _a_', 'C:\\x', 'x "y"']) {
      expect([text, await find({ text })]).toEqual([text, both])
    }
    expect(await find({ text: '😀' })).toEqual([escaped])
    for (const text of ['100_', '%a', 'x.y', "' or true --"]) expect(await find({ text })).toEqual([])
  })

  it('is the beginning of ids, where ids begin with it', async () => {
    const first = await make({ daysAgo: 9, payload: '{"n":1}' })
    const second = await make({ daysAgo: 5, payload: JSON.stringify({ about: first }) })
    expect(await find({ text: first })).toEqual([first])
    expect(await find({ text: first.toUpperCase().slice(0, 13) })).toEqual([first])
    expect(await find({ text: second.slice(0, 9) })).toEqual([second])
    expect(await find({ text: first.slice(0, 7) })).toEqual([second])
    expect(await find({ text: '12345678' })).toEqual([])
  })
})

it('every other field narrows the list', async () => {
  const webhookId = newId()
  const target = await make({
    daysAgo: 4,
    webhookId,
    origin: 'schedule',
    seconds: 90,
    cost: '0.25',
    state: 'FAILURE',
    error: { code: 'timeout', message: 'Too slow' },
  })
  const rest = [await make({ daysAgo: 6 }), await make({ state: 'CANCELLED' })]
  const day = (ago: number): Date => new Date(Date.now() - ago * 86_400_000)
  const filters: TaskFilter[] = [
    { webhookId },
    { origin: 'schedule' },
    { errorCode: 'timeout' },
    { minSeconds: 89.5 },
    { minCostUsd: 0.25 },
    { since: day(5), until: day(3) },
    { states: ['FAILURE', 'STARTED'] },
    { states: ['FAILURE', 'SUCCESS'], since: day(5) },
    { agentId, webhookId, errorCode: 'timeout', text: 'Too slow', minSeconds: 1, states: ['FAILURE'] },
  ]
  for (const filter of filters) expect([filter, await find(filter)]).toEqual([filter, [target]])
  const none: TaskFilter[] = [
    { webhookId: newId() },
    { minSeconds: 91 },
    { minCostUsd: 0.26 },
    { errorCode: 'timeout', states: ['SUCCESS'] },
    { until: day(7) },
  ]
  for (const filter of none) expect([filter, await find(filter)]).toEqual([filter, []])
  expect((await find({})).toSorted()).toEqual([target, ...rest].toSorted())
})

it('a search whose time is up says how far it came, and goes on from there', async () => {
  const wanted: string[] = []
  for (let day = 300; day > 0; day -= 1) {
    const id = await make({ daysAgo: day, payload: day % 100 === 0 ? '{"x":"needle"}' : '{}' })
    if (day % 100 === 0) wanted.unshift(id)
  }
  const found: string[] = []
  let after: string | undefined
  let pages = 0
  do {
    const page = await listTasks(test.db, { text: 'needle', limit: 2, after, timeMs: 0 })
    pages += 1
    found.push(...page.items.map(({ id }) => id))
    const oldest = page.searchedBackTo
    if (oldest) expect(oldest.getTime()).toBeGreaterThan(Date.now() - 301 * 86_400_000)
    after = page.next ?? undefined
  } while (after !== undefined)
  expect(found).toEqual(wanted)
  expect(pages).toBeGreaterThan(2)
})

it('a statement that takes too long reads fewer tasks, and the search goes on', async () => {
  const slow = await make({ payload: JSON.stringify({ text: 'x'.repeat(900_000), end: 'needle' }) })
  await test.db.pool.query(
    `insert into bellwire.tasks (id, agent_id, revision, origin, state, payload, request)
      select ('0198' || lpad(to_hex(n), 28, '0'))::uuid, agent_id, 1, 'webhook', 'SUCCESS', payload, request
      from bellwire.tasks, generate_series(1, 400) n`,
  )
  const begun = performance.now()
  const { ids, searchedBackTo } = await scanTasks(test.db, { text: 'needle' }, { limit: 500, timeMs: 1_500 })
  expect(ids[0]).toBe(slow)
  expect(performance.now() - begun).toBeLessThan(15_000)
  if (ids.length < 401) expect(searchedBackTo).toBeInstanceOf(Date)
})

it('an excerpt is the beginning of the payload in one line, without secrets', async () => {
  await make({ daysAgo: 1, payload: '{"question":"Where is\\nmy order?"}' })
  await make({ payload: '{\n  "token": "abcdefghijkl",\n  "long": "' + 'ü'.repeat(5_000) + '"}' })
  const { items } = await listTasks(test.db, { limit: 5 })
  expect(items[1]?.excerpt).toBe('Where is my order?')
  expect(items[0]?.excerpt).toMatch(/^\{ "token":"\*\*\*", "long":"ü+…$/)
  expect(items[0]?.excerpt.length).toBe(160)
})
