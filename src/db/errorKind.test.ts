import { readFile } from 'node:fs/promises'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import pg from 'pg'
import { afterEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/harness/database.ts'
import { openDatabase, type Database } from './database.ts'
import { errorKind, isUncertain } from './errorKind.ts'

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop()
})

/** A database behind a proxy, which does with the client's connection what the test wants when it sees `select 42`. */
async function behindProxy(cut: (client: Socket) => void): Promise<Database> {
  const database: TestDatabase = await createTestDatabase()
  stops.push(() => database.drop())
  const { host, port, user, password, database: name } = new pg.Client({ connectionString: database.url })
  const proxy = createServer((client) => {
    const server = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host)
    for (const end of [client, server]) end.on('error', () => undefined)
    server.pipe(client)
    client.on('data', (chunk) => {
      server.write(chunk)
      if (chunk.includes('select 42')) cut(client)
    })
    client.on('close', () => server.destroy())
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  stops.push(() => proxy.close())
  const address = proxy.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const login = [user ?? '', password ?? ''].map(encodeURIComponent).join(':')
  const url = `postgres://${login}@127.0.0.1:${address.port}/${name}`
  const db = openDatabase(url, { name: 'test', onError: () => undefined })
  stops.push(() => db.close())
  return db
}

function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('what became of a statement is not known', () => {
  it.each([
    ['reset', (client: Socket) => client.resetAndDestroy()],
    ['closed', (client: Socket) => client.destroy()],
  ])('when its connection is %s after it was sent', async (_, cut) => {
    const db = await behindProxy(cut)
    expect(await errorOf(db.pool.query('select 1'))).toBeUndefined()
    const error = await errorOf(db.pool.query('select 42'))
    expect([errorKind(error), isUncertain(error)]).toEqual(['unavailable', true])
    const inTransaction = await errorOf(db.transaction((tx) => tx.query('select 42')))
    expect([errorKind(inTransaction), isUncertain(inTransaction)]).toEqual(['unavailable', true])
  })

  it.each([
    ['ETIMEDOUT', 'read'],
    ['ETIMEDOUT', 'write'],
    ['EPIPE', 'write'],
    ['ECONNRESET', 'read'],
    ['EHOSTUNREACH', 'read'],
  ])('after %s while a connection that stood was to %s', (code, syscall) => {
    expect(isUncertain(Object.assign(new Error(`${syscall} ${code}`), { code, syscall }))).toBe(true)
  })

  it.each(['08006', '08P01', '40003', '57P02'])('after SQLSTATE %s', (code) => {
    expect(isUncertain(Object.assign(new Error('x'), { code, severity: 'FATAL' }))).toBe(true)
  })

  it('after an error without a code', () => {
    for (const error of ['Connection terminated unexpectedly', 'Query read timeout', 'anything']) {
      expect(isUncertain(new Error(error))).toBe(true)
    }
    expect(isUncertain('anything')).toBe(true)
  })
})

describe('nothing was done', () => {
  it('when no connection came about', async () => {
    const nowhere = openDatabase('postgres://x@127.0.0.1:1/x', { name: 'test', onError: () => undefined })
    stops.push(() => nowhere.close())
    const error = await errorOf(nowhere.pool.query('select 1'))
    expect([errorKind(error), isUncertain(error)]).toEqual(['unavailable', false])
    const both = new AggregateError([error, error])
    expect(isUncertain(both)).toBe(false)
    const reset = Object.assign(new Error('x'), { code: 'ECONNRESET', syscall: 'read' })
    expect(isUncertain(new AggregateError([error, reset]))).toBe(true)
  })

  it('when the socket of the server is not there, which is not any missing file', async () => {
    const nowhere = openDatabase('postgres://x@/x?host=/nowhere', { name: 'test', onError: () => undefined })
    stops.push(() => nowhere.close())
    const error = await errorOf(nowhere.pool.query('select 1'))
    expect([errorKind(error), isUncertain(error)]).toEqual(['unavailable', false])
    const file = await errorOf(readFile('/nowhere/at-all'))
    expect(errorKind(file)).toBe('other')
  })

  it('when the server does not answer in time before a connection stands', async () => {
    const silent = createServer(() => undefined)
    await once(silent.listen(0, '127.0.0.1'), 'listening')
    stops.push(() => silent.close())
    const address = silent.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    const db = openDatabase(`postgres://x@127.0.0.1:${address.port}/x`, {
      name: 'test',
      onError: () => undefined,
    })
    stops.push(() => db.close())
    const error = await errorOf(db.pool.query('select 1'))
    expect([errorKind(error), isUncertain(error)]).toEqual(['unavailable', false])
  })

  it('when the server has refused the statement', async () => {
    const database = await createTestDatabase()
    stops.push(() => database.drop())
    expect(isUncertain(await errorOf(database.db.pool.query('select 1/0')))).toBe(false)
    expect(isUncertain(await errorOf(database.db.pool.query('nonsense')))).toBe(false)
    for (const code of ['57P01', '57P03', '53300', '28P01', 'XX000']) {
      expect(isUncertain(Object.assign(new Error('x'), { code }))).toBe(false)
    }
  })
})
