import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/harness/database.ts'
import { seedAgent } from '../../test/harness/seed.ts'
import { ensureAdminKey } from './ensureAdminKey.ts'
import { createKeys } from './keys.ts'

const CONFIGURED = 'a key that an operator chose'

let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(() => database.db.pool.query('delete from bellwire.api_keys'))

describe('the first admin key', () => {
  it('is made once, by one of many processes', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => ensureAdminKey(database.db)))
    const keys = made.filter((key) => key !== undefined)
    expect(keys).toHaveLength(1)
    expect(await createKeys(database).verify(keys[0] ?? '')).toMatchObject({ scope: 'admin' })
    expect(await ensureAdminKey(database.db)).toBeUndefined()
  })

  it('is the configured one, and never given back', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => ensureAdminKey(database.db, CONFIGURED)))
    expect(made).toEqual([undefined, undefined, undefined, undefined, undefined])
    const keys = createKeys(database)
    expect(await keys.verify(CONFIGURED)).toMatchObject({ scope: 'admin' })
    expect((await keys.list({ limit: 10 })).items).toMatchObject([{ name: 'environment', hint: 'hose' }])
    expect(await ensureAdminKey(database.db)).toBeUndefined()
  })

  it('follows the configuration, and leaves other keys alone', async () => {
    const made = await createKeys(database).create({ name: 'mine', scope: 'admin' })
    await ensureAdminKey(database.db, CONFIGURED)
    await ensureAdminKey(database.db, 'another one')
    const keys = createKeys(database)
    expect(await keys.verify(CONFIGURED)).toBeUndefined()
    expect(await keys.verify('another one')).toMatchObject({ scope: 'admin' })
    expect(await keys.verify(made.key)).toMatchObject({ scope: 'admin' })
  })

  it('may be a key that is there already', async () => {
    const { key } = await createKeys(database).create({ name: 'mine', scope: 'admin' })
    await ensureAdminKey(database.db, key)
    expect((await createKeys(database).list({ limit: 10 })).items).toMatchObject([{ name: 'environment' }])
  })
})

describe('a key', () => {
  it('is found without a query per request, and gone elsewhere within seconds', async () => {
    let clock = 1
    const elsewhere = createKeys({ ...database, now: () => clock })
    const here = createKeys(database)
    await ensureAdminKey(database.db)
    const { id, key } = await here.create({ name: 'x', scope: 'admin' })
    expect(await elsewhere.verify(key)).toMatchObject({ keyId: id })
    await here.delete(id)
    expect(await here.verify(key)).toBeUndefined()
    expect(await elsewhere.verify(key)).toMatchObject({ keyId: id })
    clock = 5_002
    expect(await elsewhere.verify(key)).toBeUndefined()
  })

  it('of an agent ends with the agent', async () => {
    const { agentId } = await seedAgent(database.db)
    const { key } = await createKeys(database).create({ name: 'x', scope: 'agent', agentId })
    expect(await createKeys(database).verify(key)).toMatchObject({ scope: 'agent', agentId })
    await database.db.pool.query('update bellwire.agents set deleted_at = now() where id = $1', [agentId])
    expect(await createKeys(database).verify(key)).toBeUndefined()
    await expect(createKeys(database).create({ name: 'x', scope: 'agent', agentId })).rejects.toMatchObject({
      code: 'agent_not_found',
    })
  })

  it.each(['', ' ', 'bw_admin_', randomUUID(), '\u0000', 'x'.repeat(100_000)])(
    '%j is unknown',
    async (key) => {
      expect(await createKeys(database).verify(key)).toBeUndefined()
    },
  )

  it('of an operator is left when the last two are deleted at once', async () => {
    const keys = createKeys(database)
    const made = await Promise.all(['a', 'b'].map((name) => keys.create({ name, scope: 'admin' })))
    const outcomes = await Promise.allSettled(made.map(({ id }) => keys.delete(id)))
    expect(outcomes.map((outcome) => outcome.status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect((await keys.list({ limit: 10 })).items).toHaveLength(1)
  })
})
