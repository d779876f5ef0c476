import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.ts'
import { forgetObjects } from './objects.ts'

let test: TestDatabase

beforeEach(async () => {
  test = await createTestDatabase()
})

afterEach(() => test.drop())

async function count(table: string): Promise<number> {
  const { rows } = await test.db.pool.query<{ count: number }>(`select count(*)::int from bellwire.${table}`)
  return rows[0]?.count ?? 0
}

it('deletes what no longer matters in batches until one is short, and nothing else', async () => {
  await test.db.pool.query(
    `insert into bellwire.own_objects select gen_random_uuid(), gen_random_uuid(), now() - n * interval '10 minutes'
      from generate_series(1, 15) n`,
  )
  await test.db.pool.query(
    `insert into bellwire.object_rings select gen_random_uuid(), array[now()], 1, 20, now() - n * interval '3 minutes'
      from generate_series(1, 7) n`,
  )
  const chore = forgetObjects(test.db, { batch: 8 })
  const signal = new AbortController().signal
  expect(await chore.run(signal)).toEqual({ items: 12, more: true })
  expect(await chore.run(signal)).toEqual({ items: 2, more: false })
  expect([await count('own_objects'), await count('object_rings')]).toEqual([5, 3])
})
