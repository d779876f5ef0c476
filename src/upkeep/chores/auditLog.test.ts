import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.ts'
import { forgetAuditEntries } from './auditLog.ts'

let test: TestDatabase

beforeAll(async () => {
  test = await createTestDatabase()
})
afterAll(() => test.drop())

it('deletes entries that are too old, in batches', async () => {
  await test.db.pool.query(
    `insert into bellwire.audit_log (id, created_at, actor, route, operation, object_kind, changes, address)
      select gen_random_uuid(), now() - make_interval(days => n), '{}', '', '', 'agent', '[]', '127.0.0.1'
      from generate_series(1, 30) n`,
  )
  const { signal } = new AbortController()
  expect(await forgetAuditEntries(test.db, { days: Infinity }).run(signal)).toEqual({ items: 0, more: false })
  const chore = forgetAuditEntries(test.db, { days: 10, batch: 15 })
  expect([await chore.run(signal), await chore.run(signal)]).toEqual([
    { items: 15, more: true },
    // The one of ten days ago has become older meanwhile.
    { items: 6, more: false },
  ])
  const { rows } = await test.db.pool.query('select count(*)::int as count from bellwire.audit_log')
  expect(rows).toEqual([{ count: 9 }])
})
