import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.ts'
import { seedAgent } from '../../../test/harness/seed.ts'
import type { TaskState } from '../../contract/task.ts'
import { listStatement } from './listStatement.ts'
import { listTasks } from './queries.ts'
import type { TaskFilter } from './taskFilter.ts'

let test: TestDatabase
let busy: string
let other: string

/** What is in the table, oldest first. The newest by far are the successes of one busy agent. */
const GROUPS: { count: number; state: TaskState; worker?: boolean; agent: 'busy' | 'other' }[] = [
  { count: 3_000, state: 'FAILURE', agent: 'other' },
  { count: 200, state: 'FAILURE', agent: 'busy' },
  { count: 100, state: 'CANCELLED', agent: 'busy' },
  { count: 60, state: 'WAITING', agent: 'busy' },
  { count: 20, state: 'STARTED', agent: 'busy' },
  { count: 40, state: 'STARTED', worker: true, agent: 'busy' },
  { count: 3_000, state: 'PENDING', agent: 'busy' },
  { count: 45_000, state: 'SUCCESS', agent: 'busy' },
]

beforeAll(async () => {
  test = await createTestDatabase()
  busy = (await seedAgent(test.db, { name: 'Busy' })).agentId
  other = (await seedAgent(test.db, { name: 'Other' })).agentId
  await test.db.pool.query(
    `insert into bellwire.tasks (id, agent_id, revision, origin, state, payload, request, worker_id)
      select lpad(to_hex(row_number() over (order by g.position, n)), 32, '0')::uuid, g.agent::uuid, 1, 'webhook',
        g.state::bellwire.task_state, '{}', '{}', case when g.worker then 1 end
      from unnest($1::int[], $2::text[], $3::bool[], $4::text[]) with ordinality as g(count, state, worker, agent, position)
      cross join generate_series(1, g.count) n`,
    [
      GROUPS.map(({ count }) => count),
      GROUPS.map(({ state }) => state),
      GROUPS.map(({ worker }) => worker ?? false),
      GROUPS.map(({ agent }) => (agent === 'busy' ? busy : other)),
    ],
  )
  await test.db.pool.query('vacuum analyze bellwire.tasks')
})

afterAll(() => test.drop())

type Plan = {
  'Relation Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  Plans?: Plan[]
}

/** Rows of the table of tasks that a list has read, whether it shows them or not. */
async function rowsRead(filter: TaskFilter & { cursor?: string }): Promise<number> {
  const statement = listStatement({ ...filter, scan: 51, limit: 51 })
  if (!statement) return 0
  const { text, values } = statement
  const { rows } = await test.db.pool.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(
    `explain (analyze, format json) ${text}`,
    values,
  )
  const read = (plan: Plan): number => {
    const own =
      plan['Relation Name'] === 'tasks'
        ? (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops']
        : 0
    return own + (plan.Plans ?? []).reduce((sum, part) => sum + read(part), 0)
  }
  const [plan] = rows[0]?.['QUERY PLAN'] ?? []
  return plan ? Math.round(read(plan.Plan)) : Infinity
}

const countOf = (state: TaskState | undefined, agent?: 'busy' | 'other'): number =>
  GROUPS.filter((group) => (!state || group.state === state) && (!agent || group.agent === agent)).reduce(
    (sum, { count }) => sum + count,
    0,
  )

describe('a page of tasks', () => {
  it.each([undefined, 'PENDING', 'STARTED', 'WAITING', 'SUCCESS', 'FAILURE', 'CANCELLED'] as const)(
    'in state %s reads little more than it shows, on every page',
    async (state) => {
      const states = state && [state]
      for (const agentId of [undefined, busy]) {
        expect(await rowsRead({ states, agentId })).toBeLessThan(400)
        const { next } = await listTasks(test.db, { states, agentId, limit: 50 })
        expect(await rowsRead({ states, agentId, ...(next === null ? {} : { cursor: next }) })).toBeLessThan(
          400,
        )
      }
    },
  )

  it('of an agent without failures does not read those of others', async () => {
    await test.db.pool.query('delete from bellwire.tasks where agent_id = $1 and state = $2', [
      busy,
      'FAILURE',
    ])
    expect(await rowsRead({ states: ['FAILURE'], agentId: busy })).toBe(0)
  })
})

it('of several states, or of an error, reads only what it shows', async () => {
  expect(await rowsRead({ states: ['WAITING', 'CANCELLED'] })).toBeLessThan(400)
  expect(await rowsRead({ errorCode: 'timeout' })).toBeLessThan(400)
  expect(await rowsRead({ states: ['PENDING'], errorCode: 'timeout' })).toBe(0)
  const { items } = await listTasks(test.db, { states: ['WAITING', 'CANCELLED'], limit: 200 })
  expect(items.map(({ state }) => state)).toEqual([
    ...Array.from({ length: countOf('WAITING') }, () => 'WAITING'),
    ...Array.from({ length: countOf('CANCELLED') }, () => 'CANCELLED'),
  ])
})

describe('the pages of a list', () => {
  it.each(['PENDING', 'STARTED', 'WAITING', 'CANCELLED'] as const)(
    'have every task in state %s once, newest first',
    async (state) => {
      const ids: string[] = []
      let after: string | undefined
      do {
        const page = await listTasks(test.db, { states: [state], limit: 100, after })
        ids.push(...page.items.map((task) => task.id))
        after = page.next ?? undefined
      } while (after !== undefined)
      expect(new Set(ids).size).toBe(countOf(state))
      expect(ids).toEqual(ids.toSorted().toReversed())
    },
  )
})
