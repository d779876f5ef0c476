import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.ts'
import { LIVE_TASKS } from './taskMetrics.ts'

let test: TestDatabase

beforeAll(async () => {
  test = await createTestDatabase()
})

afterAll(() => test.drop())

it('counts live tasks without reading those that have ended', async () => {
  const { pool } = test.db
  await pool.query(
    `insert into bellwire.tasks (id, agent_id, revision, origin, state, payload, request)
      select gen_random_uuid(), gen_random_uuid(), 1, 'webhook',
        case when n % 500 = 0 then 'PENDING' when n % 10 = 0 then 'FAILURE' else 'SUCCESS' end::bellwire.task_state,
        '{}', '{}'
      from generate_series(1, 50000) n`,
  )
  await pool.query('vacuum analyze bellwire.tasks')
  expect((await pool.query(LIVE_TASKS)).rows).toEqual([{ state: 'PENDING', held: false, count: 100 }])
  const { rows } = await pool.query<{ 'QUERY PLAN': string }>(`explain (analyze, costs off) ${LIVE_TASKS}`)
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
  expect(plan).toMatch(/tasks_live_idx.*rows=100\b/)
  expect(plan).not.toMatch(/Seq Scan|Rows Removed/)
})
