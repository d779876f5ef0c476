import { hostname } from 'node:os'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/harness/database.ts'
import { waitFor } from '../../test/harness/waitFor.ts'
import { openSession, type Session } from './session.ts'

let test: TestDatabase
let session: Session
let openedAt: number

beforeEach(async () => {
  test = await createTestDatabase()
  openedAt = performance.now()
  session = await openSession(test.db, test.url, { leaseSeconds: 15, onError: () => {} })
})

afterEach(async () => {
  await session.close()
  await test.drop()
})

/** A worker that registered a minute ago; its lock is free. */
async function register(name: string, heartbeatSecondsAgo = 0): Promise<number> {
  const { rows } = await test.db.pool.query<{ id: number }>(
    `insert into bellwire.workers (name, started_at, heartbeat_at)
      values ($1, now() - interval '1 minute', now() - make_interval(secs => $2)) returning id::float8 as id`,
    [name, heartbeatSecondsAgo],
  )
  return rows[0]?.id ?? 0
}

async function until(id: number): Promise<number> {
  await waitFor(async () => (await session.findDead()).includes(id))
  return performance.now() - openedAt
}

it('is lost by our own clock when no heartbeat gets through for the lease', async () => {
  const other = await openSession(test.db, test.url, { leaseSeconds: 1, onError: () => {} })
  const blocker = new pg.Client({ connectionString: test.url })
  await blocker.connect()
  try {
    await blocker.query('begin')
    await blocker.query('select 1 from bellwire.workers where id = $1 for update', [other.workerId])
    const blockedAt = performance.now()
    await waitFor(() => other.lost.aborted)
    expect(String(other.lost.reason)).toContain('no heartbeat reached the database for 1 seconds')
    expect(performance.now() - blockedAt).toBeLessThan(3_000)
  } finally {
    await blocker.end()
    await other.close()
  }
})

it('is lost at the end of the lease, not at the next heartbeat', async () => {
  const other = await openSession(test.db, test.url, {
    leaseSeconds: 1,
    heartbeatMs: 3_600_000,
    onError: () => {},
  })
  try {
    await waitFor(() => other.lost.aborted)
    expect(String(other.lost.reason)).toContain('no heartbeat')
  } finally {
    await other.close()
  }
})

it('is not lost by being closed', async () => {
  await session.close()
  expect(session.lost.aborted).toBe(false)
})

describe('a worker without its lock', () => {
  it('on another machine is gone, once our own session has stood for three seconds', async () => {
    expect(await until(await register('elsewhere:7'))).toBeGreaterThan(2_900)
    const next = await register('elsewhere:8')
    expect(await session.findDead()).toContain(next)
  })

  it('on this machine is gone at once when its process is', async () => {
    // The highest number that Linux gives is below this.
    const gone = await register(`${hostname()}:4194305`)
    const before = await register(`${hostname()}:${process.pid}`)
    const alive = await register(`${hostname()}:${process.ppid}`)
    const dead = await session.findDead()
    expect(performance.now() - openedAt).toBeLessThan(2_900)
    expect(dead).toEqual([gone, before])
    expect(await until(alive)).toBeGreaterThan(2_900)
  })
})

it('leaves a process that runs one task alone to its parent, until that is gone or the silence is long', async () => {
  const parent = await register(`${hostname()}:${process.ppid}`)
  const child = await register(`${hostname()}:4194305`)
  const silent = await register(`${hostname()}:4194305`, 46)
  await test.db.pool.query('update bellwire.workers set parent_id = $1 where id = any($2)', [
    parent,
    [child, silent],
  ])
  expect(await session.findDead()).toEqual([silent])
  await test.db.pool.query('update bellwire.workers set ended_at = now() where id = $1', [parent])
  expect(await session.findDead()).toEqual([child, silent])
})

describe('a worker that holds its lock', () => {
  let other: pg.Client

  beforeEach(async () => {
    other = new pg.Client({ connectionString: test.url })
    await other.connect()
  })
  afterEach(() => other.end())

  async function lock(id: number): Promise<number> {
    await other.query(`select pg_advisory_lock(x'62656c6c'::int, $1)`, [id])
    return id
  }

  it('is not gone while it is heard of', async () => {
    const silent = await register('elsewhere:7')
    const alive = await lock(await register('elsewhere:8'))
    await until(silent)
    expect(await session.findDead()).not.toContain(alive)
  })

  it('is gone when it was silent for the lease, and three seconds while we looked', async () => {
    await until(await register('elsewhere:7'))
    const silent = await lock(await register('elsewhere:8', 20))
    const seen = performance.now()
    expect(await session.findDead()).not.toContain(silent)
    await until(silent)
    expect(performance.now() - seen).toBeGreaterThan(2_900)
  })
})
