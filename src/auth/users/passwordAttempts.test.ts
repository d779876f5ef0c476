import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.ts'
import { BellwireError } from '../../errors.ts'
import type { AttemptSubject } from './countAttempts.ts'
import { createPasswordAttempts, type PasswordAttempts } from './passwordAttempts.ts'

let test: TestDatabase
/** Two processes on one database. */
let one: PasswordAttempts
let other: PasswordAttempts
let elapsed = 0

beforeAll(async () => {
  test = await createTestDatabase()
  one = start()
  other = start()
})
afterAll(() => test.drop())
afterEach(async () => {
  await test.db.pool.query('delete from bellwire.password_attempts')
  // Longer than a process remembers a refusal.
  elapsed += 60_000
})

const start = () => createPasswordAttempts({ db: test.db, now: () => elapsed })

const growing: AttemptSubject = {
  name: 'account',
  limit: { free: 3, perSeconds: 86_400, firstWaitSeconds: 60 },
  forgets: true,
}
const shared: AttemptSubject = { name: 'address', limit: { free: 10, perSeconds: 600 } }

type Outcome = 'right' | 'wrong' | number

/** One attempt: whether its check was right or wrong, or after how many seconds it may be repeated. */
async function attempt(
  at: PasswordAttempts,
  subjects: AttemptSubject[],
  check: () => Promise<true | undefined> = async () => undefined,
): Promise<Outcome> {
  return at.run(subjects, check).then(
    (result) => (result ? 'right' : 'wrong'),
    (error: unknown) => {
      if (error instanceof BellwireError && error.code === 'rate_limited')
        return error.options.retryAfter ?? 0
      throw error
    },
  )
}

const right = async (): Promise<true> => true

/** Lets time pass, in the database and in each process. */
async function pass(seconds: number): Promise<void> {
  elapsed += seconds * 1_000
  await test.db.pool.query(
    `update bellwire.password_attempts set retry_at = retry_at - make_interval(secs => $1),
      resets_at = resets_at - make_interval(secs => $1)`,
    [seconds],
  )
}

const failuresOf = async () => {
  const { rows } = await test.db.pool.query<{ failures: number }>(
    'select failures from bellwire.password_attempts where failures > 0 order by failures',
  )
  return rows.map(({ failures }) => failures)
}

describe('a burst of attempts', () => {
  it('across two processes gains nothing over single attempts', async () => {
    let checks = 0
    const slow = async () => {
      checks += 1
      await new Promise((resolve) => setImmediate(resolve))
      return undefined
    }
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, n) => attempt(n % 2 ? one : other, [growing, shared], slow)),
    )
    expect(outcomes.filter((outcome) => outcome === 'wrong')).toHaveLength(3)
    expect(checks).toBe(3)
    expect(outcomes.filter((outcome) => typeof outcome === 'number' && outcome > 50)).toHaveLength(37)
    // What was refused was not counted.
    expect(await failuresOf()).toEqual([3, 3])
  })

  it('with the right password in it does not lock the account', async () => {
    const outcomes = await Promise.all([
      attempt(one, [growing]),
      attempt(one, [growing]),
      attempt(other, [growing], right),
    ])
    expect(outcomes.toSorted()).toEqual(['right', 'wrong', 'wrong'])
    await pass(6)
    expect(await attempt(one, [growing])).toBe('wrong')
  })
})

it('waits grow, survive a restart, and end with the right password', async () => {
  for (let n = 0; n < 3; n += 1) expect(await attempt(one, [growing])).toBe('wrong')
  expect(await attempt(start(), [growing], right)).toBe(60)
  await pass(60)
  expect(await attempt(one, [growing])).toBe('wrong')
  expect(await attempt(one, [growing])).toBe(120)
  await pass(120)
  expect(await attempt(other, [growing], right)).toBe('right')
  for (let n = 0; n < 3; n += 1) expect(await attempt(one, [growing])).toBe('wrong')
})

it('an address is limited across all accounts, until its window ends', async () => {
  const account = (n: number) => ({ ...growing, name: `account ${n}` })
  for (let n = 0; n < 10; n += 1) expect(await attempt(one, [account(n), shared])).toBe('wrong')
  expect(await attempt(other, [account(11), shared], right)).toBeGreaterThan(590)
  expect(await attempt(other, [account(12), { ...shared, name: 'another' }], right)).toBe('right')
  // What was refused for the address did not count for the account.
  expect(await failuresOf()).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 10])
  await pass(600)
  expect(await attempt(one, [account(11), shared], right)).toBe('right')
})

it('right passwords do not count for the address, even if many are checked at once', async () => {
  const accounts = Array.from({ length: 30 }, (_, n) => ({ ...growing, name: `account ${n}` }))
  for (const account of accounts) expect(await attempt(one, [account, shared], right)).toBe('right')
  expect(await failuresOf()).toEqual([])
})

it('an attempt that could not be checked is not counted', async () => {
  const broken = () => Promise.reject(new Error('no memory'))
  for (let n = 0; n < 5; n += 1) await expect(one.run([growing, shared], broken)).rejects.toThrow('no memory')
  expect(await failuresOf()).toEqual([])
  expect(await attempt(one, [growing, shared])).toBe('wrong')
})

it('a refusal makes no queries for a few seconds', async () => {
  for (let n = 0; n < 3; n += 1) await attempt(one, [growing])
  expect(await attempt(one, [growing])).toBe(60)
  await test.db.pool.query('delete from bellwire.password_attempts')
  expect(await attempt(one, [growing])).toBe(60)
  expect(await attempt(other, [growing])).toBe('wrong')
  elapsed += 6_000
  expect(await attempt(one, [growing])).toBe('wrong')
})

it('stores no email address', async () => {
  await attempt(one, [{ ...growing, name: 'ada@example.com' }])
  const { rows } = await test.db.pool.query('select * from bellwire.password_attempts')
  expect(rows).toHaveLength(1)
  expect(JSON.stringify(rows)).not.toContain('ada')
})
