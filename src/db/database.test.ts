import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/harness/database.ts'
import { waitFor } from '../../test/harness/waitFor.ts'
import { errorKind } from './errorKind.ts'

let test: TestDatabase

beforeAll(async () => {
  test = await createTestDatabase()
})
afterAll(() => test.drop())

describe('a transaction that stands still', () => {
  it('is ended by the server, with its locks, as when its process is frozen', async () => {
    const { pool } = test.db
    await pool.query('create table thing as select 1 as value')
    const begun = performance.now()
    const still = test.db.transaction(async (tx) => {
      await tx.query('update thing set value = 2')
      // Another connection waits for the lock until the server takes it from us.
      await pool.query('update thing set value = 3')
      await tx.query('select 1')
    })
    const error: unknown = await still.catch((reason: unknown) => reason)
    expect(errorKind(error)).toBe('unavailable')
    expect(performance.now() - begun).toBeGreaterThan(9_000)
    const { rows } = await waitFor(() => pool.query<{ value: number }>('select value from thing'))
    expect(rows).toEqual([{ value: 3 }])
  }, 30_000)
})
