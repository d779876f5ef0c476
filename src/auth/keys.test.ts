import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/harness/database.ts'
import { seedAgent } from '../../test/harness/seed.ts'
import { createVault } from '../secrets/vault.ts'
import { confirmAdminKey, ensureAdminKey } from './ensureAdminKey.ts'
import { createKeys } from './keys.ts'

const CONFIGURED = 'a key that an operator chose'

const vault = createVault(randomBytes(32))

let database: TestDatabase
const ensure = (configured?: string) => ensureAdminKey({ db: database.db, vault }, configured)

beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(() => database.db.pool.query('delete from bellwire.api_keys; delete from bellwire.settings'))

describe('the first admin key', () => {
  it('is made once, by one of many processes, and given back until it was shown', async () => {
    const made = new Set(await Promise.all(Array.from({ length: 5 }, () => ensure())))
    expect(made.size).toBe(1)
    const [key] = made
    expect(await createKeys(database).verify(key ?? '')).toMatchObject({ scope: 'admin' })
    expect(await ensure()).toBe(key)
    await confirmAdminKey(database.db)
    expect(await ensure()).toBeUndefined()
    expect((await createKeys(database).list({ limit: 10 })).items).toHaveLength(1)
  })

  it('stands nowhere in the database as it is, and is forgotten with its row', async () => {
    const key = (await ensure()) ?? ''
    const { rows } = await database.db.pool.query('select * from bellwire.settings')
    expect(rows).toHaveLength(1)
    expect(JSON.stringify(rows)).not.toContain(key)
    await database.db.pool.query('delete from bellwire.api_keys')
    const another = await ensure()
    expect(another).toMatch(/^bw_admin_/)
    expect(another).not.toBe(key)
    expect(await ensure()).toBe(another)
  })

  it('is the configured one, and never given back', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => ensure(CONFIGURED)))
    expect(made).toEqual([undefined, undefined, undefined, undefined, undefined])
    const keys = createKeys(database)
    expect(await keys.verify(CONFIGURED)).toMatchObject({ scope: 'admin' })
    expect((await keys.list({ limit: 10 })).items).toMatchObject([{ name: 'environment', hint: 'hose' }])
    expect(await ensure()).toBeUndefined()
  })

  it('follows the configuration, and leaves other keys alone', async () => {
    const made = await createKeys(database).create({ name: 'mine', scope: 'admin' })
    await ensure(CONFIGURED)
    await ensure('another one')
    const keys = createKeys(database)
    expect(await keys.verify(CONFIGURED)).toBeUndefined()
    expect(await keys.verify('another one')).toMatchObject({ scope: 'admin' })
    expect(await keys.verify(made.key)).toMatchObject({ scope: 'admin' })
  })

  it('may be a key that is there already', async () => {
    const { key } = await createKeys(database).create({ name: 'mine', scope: 'admin' })
    await ensure(key)
    expect((await createKeys(database).list({ limit: 10 })).items).toMatchObject([{ name: 'environment' }])
  })
})

describe('a key', () => {
  it('is found without a query per request, and gone elsewhere within seconds', async () => {
    let clock = 0
    const elsewhere = createKeys({ ...database, now: () => clock })
    const here = createKeys(database)
    await ensure()
    const { id, key } = await here.create({ name: 'x', scope: 'admin' })
    expect(await elsewhere.verify(key)).toMatchObject({ keyId: id })
    await here.delete(id)
    expect(await here.verify(key)).toBeUndefined()
    expect(await elsewhere.verify(key)).toMatchObject({ keyId: id })
    clock = 5_000
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
