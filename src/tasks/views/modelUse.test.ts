import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.ts'
import { createModelUse } from './modelUse.ts'

let test: TestDatabase

beforeAll(async () => {
  test = await createTestDatabase()
})

afterAll(() => test.drop())

it('adds up all days, and reads those that are closed once a day', async () => {
  const { pool } = test.db
  const use = createModelUse(test.db)
  expect(await use.read()).toEqual([])
  await pool.query(
    `insert into bellwire.usage_daily select (now() at time zone 'UTC')::date - d, gen_random_uuid(), m, 1, 1, 0, 10, 4, 2, 1, 0.5
      from generate_series(0, 99) d, unnest(array['b/two', 'a/one']) m where m = 'a/one' or d > 1`,
  )
  const fresh = createModelUse(test.db)
  const one = { model: 'a/one', input: 1_000, cached: 400, output: 200, reasoning: 100, cost: 50 }
  const two = { model: 'b/two', input: 980, cached: 392, output: 196, reasoning: 98, cost: 49 }
  expect(await fresh.read()).toEqual([one, two])

  // All days grow: only the last two are seen to, until the next day.
  await pool.query('update bellwire.usage_daily set input_tokens = input_tokens + 1')
  expect(await fresh.read()).toEqual([{ ...one, input: 1_002 }, two])
  expect(await createModelUse(test.db).read()).toEqual([
    { ...one, input: 1_100 },
    { ...two, input: 1_078 },
  ])
})
