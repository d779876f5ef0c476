import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.ts'
import { forgetFailedAttempts } from './failedAttempts.ts'

let test: TestDatabase

beforeAll(async () => {
  test = await createTestDatabase()
})

afterAll(() => test.drop())

it('deletes what does not count any more, in batches', async () => {
  await test.db.pool.query(
    `insert into bellwire.failed_attempts (kind, address, failures, resets_at)
      select 'sign_in', n::text, 1, now() + case when n <= 25 then interval '-1 second' else interval '1 minute' end
      from generate_series(1, 30) n`,
  )
  const chore = forgetFailedAttempts(test.db, { batch: 20 })
  const { signal } = new AbortController()
  expect([await chore.run(signal), await chore.run(signal)]).toEqual([
    { items: 20, more: true },
    { items: 5, more: false },
  ])
  const { rows } = await test.db.pool.query('select count(*)::int as count from bellwire.failed_attempts')
  expect(rows).toEqual([{ count: 5 }])
})

it('deletes passwords that were tried, and do not count any more', async () => {
  await test.db.pool.query(
    `insert into bellwire.password_attempts (subject, failures, retry_at, resets_at)
      select sha256(n::text::bytea), 1, now(), now() + case when n <= 3 then interval '-1 second' else interval '1 minute' end
      from generate_series(1, 5) n`,
  )
  const chore = forgetFailedAttempts(test.db)
  expect(await chore.run(new AbortController().signal)).toEqual({ items: 3, more: false })
  const { rows } = await test.db.pool.query('select count(*)::int as count from bellwire.password_attempts')
  expect(rows).toEqual([{ count: 2 }])
})
