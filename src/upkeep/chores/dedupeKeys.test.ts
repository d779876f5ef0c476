import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.ts'
import { forgetExpiredKeys } from './dedupeKeys.ts'

let test: TestDatabase

beforeEach(async () => {
  test = await createTestDatabase()
})

afterEach(() => test.drop())

async function addKeys(count: number, expiry: string): Promise<void> {
  await test.db.pool.query(
    `insert into bellwire.dedupe_keys (key, task_id, expires_at)
      select gen_random_uuid(), gen_random_uuid(), ${expiry} from generate_series(1, $1::int) n`,
    [count],
  )
}

async function keyCount(): Promise<number> {
  const { rows } = await test.db.pool.query<{ count: number }>(
    'select count(*)::int from bellwire.dedupe_keys',
  )
  return rows[0]?.count ?? 0
}

const signal = new AbortController().signal

it('deletes expired keys in batches until one is short, and no others', async () => {
  await addKeys(7, `now() + interval '1 hour'`)
  await addKeys(25, `now() - n * interval '1 second'`)
  const chore = forgetExpiredKeys(test.db, { batch: 10 })
  const batches = [await chore.run(signal), await chore.run(signal), await chore.run(signal)]
  expect(batches.map(({ items, more }) => [items, more])).toEqual([
    [10, true],
    [10, true],
    [5, false],
  ])
  expect(await keyCount()).toBe(7)
})

it('finds what expires later at the next run, also with an older time', async () => {
  await addKeys(10, `now() - interval '1 second'`)
  const chore = forgetExpiredKeys(test.db, { batch: 10 })
  expect(await chore.run(signal)).toEqual({ items: 10, more: true })
  expect(await chore.run(signal)).toEqual({ items: 0, more: false })
  await addKeys(3, `now() - interval '1 day'`)
  expect(await chore.run(signal)).toEqual({ items: 3, more: false })
})

it('leaves a key that is just being taken anew to whoever takes it', async () => {
  await addKeys(2, `now() - interval '1 second'`)
  const chore = forgetExpiredKeys(test.db)
  await test.db.transaction(async (tx) => {
    await tx.query(
      `update bellwire.dedupe_keys set expires_at = now() + interval '1 day'
        where key = (select key from bellwire.dedupe_keys limit 1)`,
    )
    expect(await chore.run(signal)).toEqual({ items: 1, more: false })
  })
  expect(await chore.run(signal)).toEqual({ items: 0, more: false })
  expect(await keyCount()).toBe(1)
})

it('keeps up with 100,000 keys a minute by far, also while an old transaction keeps deleted rows in the index', async () => {
  await addKeys(100_000, `now() - n * interval '1 millisecond'`)
  const chore = forgetExpiredKeys(test.db)
  await test.db.transaction(async (tx) => {
    await tx.query('set transaction isolation level repeatable read')
    await tx.query('select count(*) from bellwire.agents')
    const begun = performance.now()
    while ((await chore.run(signal)).more);
    expect(performance.now() - begun).toBeLessThan(15_000)
  })
  expect(await keyCount()).toBe(0)
})
