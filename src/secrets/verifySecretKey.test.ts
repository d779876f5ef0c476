import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { ConfigError } from '../config/configError.ts'
import { createTestDatabase, type TestDatabase } from '../../test/harness/database.ts'
import { verifySecretKey } from './verifySecretKey.ts'
import { createVault } from './vault.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(() => database.db.pool.query('delete from bellwire.settings'))

it('accepts the key that the database was begun with, and no other', async () => {
  const secret = randomBytes(32)
  await verifySecretKey(database.db, createVault(secret))
  await verifySecretKey(database.db, createVault(secret))
  const other = verifySecretKey(database.db, createVault(randomBytes(32)))
  await expect(other).rejects.toThrow(ConfigError)
  await expect(other).rejects.toThrow(/BELLWIRE_SECRET_KEY/)
})

it('lets one of several different keys win when they start at once', async () => {
  const starts = await Promise.allSettled(
    Array.from({ length: 5 }, () => verifySecretKey(database.db, createVault(randomBytes(32)))),
  )
  expect(starts.filter((start) => start.status === 'fulfilled')).toHaveLength(1)
})
