import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/harness/database.ts'
import { createFailures } from './failures.ts'

let test: TestDatabase

beforeAll(async () => {
  test = await createTestDatabase()
})

afterAll(() => test.drop())

it('lets an address be wrong 20 times a minute when signing in, over all processes, and no more after a restart', async () => {
  const [one, two] = [createFailures({ db: test.db }), createFailures({ db: test.db })]
  const waits = await Promise.all(
    Array.from({ length: 40 }, (_, n) => (n % 2 ? one : two).count('sign_in', '203.0.113.1')),
  )
  expect(waits.filter((wait) => wait === 0)).toHaveLength(20)
  expect(Math.max(...waits)).toBeGreaterThan(50)
  const restarted = createFailures({ db: test.db })
  expect(await restarted.count('sign_in', '203.0.113.1')).toBeGreaterThan(50)
})

it('counts each address and each kind by itself', async () => {
  const failures = createFailures({ db: test.db })
  const fail = (kind: 'sign_in' | 'api_key', address: string) =>
    Promise.all(Array.from({ length: 21 }, () => failures.count(kind, address)))
  expect((await fail('sign_in', '203.0.113.2')).at(-1)).toBeGreaterThan(0)
  expect((await fail('api_key', '203.0.113.2')).at(-1)).toBe(0)
  expect(await failures.count('sign_in', '203.0.113.3')).toBe(0)
})

it('begins anew when the window is over', async () => {
  const failures = createFailures({ db: test.db })
  for (let n = 0; n < 21; n += 1) await failures.count('sign_in', '203.0.113.4')
  await test.db.pool.query(
    `update bellwire.failed_attempts set resets_at = now() where address = '203.0.113.4'`,
  )
  expect(await createFailures({ db: test.db }).count('sign_in', '203.0.113.4')).toBe(0)
})

it('writes nothing for an address that is over its limit', async () => {
  const failures = createFailures({ db: test.db })
  const counted = async (): Promise<number> => {
    const { rows } = await test.db.pool.query<{ failures: number }>(
      `select failures from bellwire.failed_attempts where address = '203.0.113.5'`,
    )
    return rows[0]?.failures ?? 0
  }
  for (let n = 0; n < 21; n += 1) await failures.count('sign_in', '203.0.113.5')
  expect(await counted()).toBe(21)
  expect(await failures.count('sign_in', '203.0.113.5')).toBeGreaterThan(0)
  expect(await counted()).toBe(21)
})
