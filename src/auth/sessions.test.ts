import { createHash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/harness/database.ts'
import { createKeys } from './keys.ts'
import { createRevocations } from './revocations.ts'
import { createSessions, type Sessions } from './sessions.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

let database: TestDatabase
/** The clock by which sessions are remembered. */
let now = 0
let sessions: Sessions
/** Another process on the same database. */
let elsewhere: Sessions

beforeAll(async () => {
  database = await createTestDatabase()
  sessions = createSessions({ db: database.db, now: () => now })
  elsewhere = createSessions({ db: database.db, now: () => now })
})
afterAll(() => database.drop())
afterEach(() => void vi.useRealTimers())

/** Lets time pass, for the database and for what is remembered. */
async function pass(ms: number): Promise<void> {
  now += ms
  for (const table of ['sessions', 'sign_in_codes']) {
    // oxlint-disable-next-line no-await-in-loop
    await database.db.pool.query(
      `update bellwire.${table} set expires_at = expires_at - make_interval(secs => $1)`,
      [ms / 1_000],
    )
  }
}

async function open(): Promise<string> {
  const session = await sessions.redeem(await sessions.issueCode())
  if (!session) throw new Error('a fresh code is good')
  return session.token
}

describe('a code', () => {
  it('is good once, in any process, however many try at once', async () => {
    const code = await sessions.issueCode()
    const tries = await Promise.all(
      [sessions, elsewhere, sessions, elsewhere].map((each) => each.redeem(code)),
    )
    expect(tries.filter((session) => session !== undefined)).toHaveLength(1)
    expect(await sessions.redeem(code)).toBeUndefined()
  })

  it('is good for ten minutes', async () => {
    const [early, late] = [await sessions.issueCode(), await sessions.issueCode()]
    await pass(9 * MINUTE)
    expect(await sessions.redeem(early)).toBeDefined()
    await pass(MINUTE)
    expect(await sessions.redeem(late)).toBeUndefined()
  })

  it('cannot be guessed', async () => {
    expect(await sessions.issueCode()).toMatch(/^[\w-]{43}$/)
    expect(await sessions.redeem('')).toBeUndefined()
    expect(await sessions.redeem('\u0000')).toBeUndefined()
  })
})

describe('a session', () => {
  it('lasts seven days', async () => {
    const token = await open()
    await pass(7 * DAY - MINUTE)
    expect(await sessions.find(token)).toMatchObject({ keyId: null })
    expect(await elsewhere.find(token)).toMatchObject({ keyId: null })
    await pass(MINUTE)
    expect(await sessions.find(token)).toBeUndefined()
    expect(await elsewhere.find(token)).toBeUndefined()
  })

  it('and a code outlive what a process does whose clock is a month ahead', async () => {
    const [token, code] = [await open(), await sessions.issueCode()]
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 30 * DAY })
    const ahead = createSessions({ db: database.db })
    const other = await ahead.redeem(await ahead.issueCode())
    expect(await ahead.find(token)).toBeDefined()
    vi.useRealTimers()
    expect(await sessions.find(token)).toBeDefined()
    expect(await sessions.redeem(code)).toBeDefined()
    expect(other?.expiresAt.getTime()).toBeLessThan(Date.now() + 8 * DAY)
  })

  it('that is closed ends at once here, and within seconds elsewhere', async () => {
    const token = await open()
    expect(await elsewhere.find(token)).toBeDefined()
    await sessions.close(token)
    await sessions.close(token)
    expect(await sessions.find(token)).toBeUndefined()
    now += 5_001
    expect(await elsewhere.find(token)).toBeUndefined()
  })

  it('of a key ends with the key', async () => {
    const revocations = createRevocations()
    const keys = createKeys({ db: database.db, revocations })
    const here = createSessions({ db: database.db, revocations, now: () => now })
    await keys.create({ name: 'stays', scope: 'admin' })
    const key = await keys.create({ name: 'goes', scope: 'admin' })
    const session = await here.open({ keyId: key.id })
    const token = session?.token ?? ''
    expect(await here.find(token)).toMatchObject({ keyId: key.id })
    expect(await elsewhere.find(token)).toMatchObject({ keyId: key.id })
    await keys.delete(key.id)
    expect(await here.find(token)).toBeUndefined()
    expect(await here.open({ keyId: key.id })).toBeUndefined()
    now += 5_001
    expect(await elsewhere.find(token)).toBeUndefined()
  })

  it('is stored as a hash, and thrown away when it is over', async () => {
    const token = await open()
    const code = await sessions.issueCode()
    const stored = async () => {
      const { rows } = await database.db.pool.query<{ hash: Buffer }>(
        'select hash from bellwire.sessions union all select hash from bellwire.sign_in_codes',
      )
      return rows.map((row) => row.hash.toString('hex'))
    }
    const hashes = [token, code].map((text) => createHash('sha256').update(text).digest('hex'))
    expect(await stored()).toEqual(expect.arrayContaining(hashes))
    await pass(8 * DAY)
    await open()
    await sessions.issueCode()
    expect(await stored()).toHaveLength(2)
  })
})
