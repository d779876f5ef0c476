import pino from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/harness/database.ts'
import { startDatabaseProxy, type DatabaseProxy } from '../../test/harness/databaseProxy.ts'
import { ConfigError } from '../config/configError.ts'
import { openDatabase, type Database } from '../db/database.ts'
import { untilReachable } from './untilReachable.ts'

const log = pino({ level: 'silent' })

let database: TestDatabase
let proxy: DatabaseProxy
let db: Database

beforeEach(async () => {
  database = await createTestDatabase()
  proxy = await startDatabaseProxy(database.url)
  db = openDatabase(proxy.url, { name: 'test', onError: () => undefined })
})
afterEach(async () => {
  await db.close()
  await proxy.stop()
  await database.drop()
})

it('repeats a step whose connection breaks, and returns its value', async () => {
  let left = 2
  proxy.inject(() => left-- > 0)
  const { rows } = await untilReachable(() => db.pool.query('select 7 as n'), { log })
  expect(rows).toEqual([{ n: 7 }])
  expect(proxy.cuts()).toBe(2)
})

it('ends with one line when the time is over', async () => {
  proxy.inject(() => true)
  const started = performance.now()
  const failure = untilReachable(() => db.pool.query('select 1'), { log, patienceMs: 1_200 })
  await expect(failure).rejects.toThrow(ConfigError)
  await expect(failure).rejects.toThrow(
    /^The database could not be reached within 1 seconds \([^)\n]+\)\. Check DATABASE_URL, and that the server is running\.$/,
  )
  expect(proxy.cuts()).toBeGreaterThan(2)
  expect(performance.now() - started).toBeLessThan(5_000)
})

it('does not repeat what the operator has to fix, nor a bug', async () => {
  let tries = 0
  const fail = (error: Error) =>
    untilReachable(
      () => {
        tries += 1
        return Promise.reject(error)
      },
      { log },
    )
  const withCode = (code: string, message: string) => Object.assign(new Error(message), { code })
  await expect(fail(withCode('28P01', 'password authentication failed'))).rejects.toThrow(
    'The database cannot be used (password authentication failed). Check DATABASE_URL.',
  )
  await expect(fail(withCode('42501', 'permission denied'))).rejects.toThrow(
    'Give its user the right to create schemas.',
  )
  await expect(fail(new TypeError('x is undefined'))).rejects.toThrow(TypeError)
  expect(tries).toBe(3)
})

it('ends when a stop is requested meanwhile', async () => {
  proxy.inject(() => true)
  const controller = new AbortController()
  const waiting = untilReachable(() => db.pool.query('select 1'), { log, signal: controller.signal })
  setImmediate(() => controller.abort(new Error('stopped by a test')))
  await expect(waiting).rejects.toThrow('stopped by a test')
})
