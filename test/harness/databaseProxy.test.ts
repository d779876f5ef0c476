import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { startDatabaseProxy, type DatabaseProxy } from './databaseProxy.ts'
import { waitFor } from './waitFor.ts'

let database: TestDatabase
let proxy: DatabaseProxy
let client: pg.Client
const errors: Error[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  await database.db.pool.query('create table seen (n int primary key)')
})

afterAll(() => database.drop())

beforeEach(async () => {
  errors.length = 0
  await database.db.pool.query('truncate seen')
  proxy = await startDatabaseProxy(database.url)
  // The statements of a pipeline are sent together; the driver's types lack the option.
  const options = { connectionString: proxy.url, pipeline: true }
  client = new pg.Client(options)
  client.on('error', (error) => errors.push(error))
  await client.connect()
})

afterEach(async () => {
  await client.end().catch(() => undefined)
  await proxy.stop()
})

const insert = (n: number) => ({ name: 'seen_insert', text: 'insert into seen values ($1)', values: [n] })
const seen = async () =>
  (await database.db.pool.query<{ n: number }>('select n from seen order by n')).rows.map(({ n }) => n)

it('passes everything on while there is no fault', async () => {
  await client.query(insert(1))
  await client.query('listen news')
  const heard = new Promise((resolve) => client.once('notification', ({ payload }) => resolve(payload)))
  await database.db.pool.query(`select pg_notify('news', 'good')`)
  expect(await heard).toBe('good')
  await expect(client.query('select nothing')).rejects.toThrow('does not exist')
  const big = await client.query<{ text: string }>(`select repeat('x', 3000000) as text`)
  expect(big.rows[0]?.text).toHaveLength(3_000_000)
  expect(await seen()).toEqual([1])
})

it('refuses TLS, so that statements can be read', async () => {
  const secure = new pg.Client({ connectionString: proxy.url.replace('disable', 'require') })
  await expect(secure.connect()).rejects.toThrow('does not support SSL')
})

it('drops the response to a statement that is a transaction of its own, by the text of its name', async () => {
  await client.query(insert(1))
  proxy.inject(({ committed }) => committed?.some((text) => text.includes('insert into seen')) ?? false)
  await expect(client.query(insert(2))).rejects.toThrow()
  expect(await seen()).toEqual([1, 2])
  expect(proxy.cuts()).toBe(1)
})

it('drops the response to a commit whose statements were sent together', async () => {
  const committed: string[][] = []
  proxy.inject((answered) => {
    if (answered.committed) committed.push(answered.committed)
    return answered.committed?.includes('commit') ?? false
  })
  const sent = ['begin', insert(1), insert(2), 'commit'].map((query) => client.query(query))
  const answers = await Promise.allSettled(sent)
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected'])
  expect(await seen()).toEqual([1, 2])
  expect(committed).toEqual([['begin', insert(1).text, insert(2).text, 'commit']])
})

it('distinguishes a rolled back transaction from a committed one', async () => {
  const committed: string[][] = []
  proxy.inject((answered) => {
    if (answered.committed) committed.push(answered.committed)
    return false
  })
  for (const end of ['rollback', 'commit']) {
    await client.query('begin')
    await client.query('select nothing').catch(() => undefined)
    await client.query(end)
  }
  await client.query('select nothing').catch(() => undefined)
  await client.query('select 1')
  expect(committed).toEqual([['select 1']])
})

it('passes nothing on while it is frozen, and what was held back afterwards', async () => {
  proxy.freeze()
  const late = client.query(insert(1))
  const newcomer = new pg.Client({ connectionString: proxy.url, connectionTimeoutMillis: 200 })
  await expect(newcomer.connect()).rejects.toThrow('timeout')
  expect(await seen()).toEqual([])
  proxy.thaw()
  await late
  expect(await seen()).toEqual([1])
  expect(errors).toEqual([])
})

it('passes on why the server ends a connection in the middle of a statement', async () => {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const asleep = expect(client.query('select pg_sleep(60)')).rejects.toMatchObject({ code: '57P01' })
  await waitFor(async () => {
    const activity = await database.db.pool.query('select wait_event from pg_stat_activity where pid = $1', [
      rows[0]?.pid,
    ])
    return activity.rows[0]?.wait_event === 'PgSleep'
  })
  await database.db.pool.query('select pg_terminate_backend($1)', [rows[0]?.pid])
  await asleep
})

it('resets connections while there is no server', async () => {
  const nowhere = await startDatabaseProxy('postgresql://nobody@127.0.0.1:1/nothing')
  const lost = new pg.Client({ connectionString: nowhere.url })
  await expect(lost.connect()).rejects.toMatchObject({ code: 'ECONNRESET' })
  await nowhere.stop()
})

it('ends the connection to the server when the client ends', async () => {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  await client.end()
  await waitFor(async () => {
    const open = await database.db.pool.query('select 1 from pg_stat_activity where pid = $1', [rows[0]?.pid])
    return open.rowCount === 0
  })
})
