import { PassThrough } from 'node:stream'
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/harness/database.ts'
import { startDatabaseProxy } from '../../test/harness/databaseProxy.ts'
import { waitFor } from '../../test/harness/waitFor.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { batchOf, type Batch, type Chore } from './chore.ts'
import { startUpkeep, type Upkeep } from './upkeep.ts'

let test: TestDatabase
let started: Upkeep[]

beforeEach(async () => {
  test = await createTestDatabase()
  started = []
})

afterEach(async () => {
  await Promise.all(started.map((upkeep) => upkeep.stop()))
  await test.drop()
})

const NOTHING: Batch = { items: 0, more: false }
const chore = (run: Chore['run'], more: Partial<Chore> = {}): Chore => ({
  name: 'a_chore',
  everyMs: 20,
  run,
  ...more,
})

function start(chores: Chore[], url = test.url) {
  const lines: Record<string, unknown>[] = []
  const output = new PassThrough().on('data', (line: Buffer) => lines.push(JSON.parse(line.toString())))
  const metrics = createMetrics()
  const upkeep = startUpkeep({ url, chores, metrics, log: pino(output) })
  started.push(upkeep)
  const counted = (family: string): unknown[] =>
    metrics
      .read()
      .filter(({ name }) => name === `bellwire_chore_${family}`)
      .flatMap((one): unknown[] => one.series)
  return { upkeep, lines, counted }
}

/** Ends the session that holds the leader's lock, as when its connection breaks. Gives the number of them. */
async function endLeaderSession(): Promise<number> {
  const { rowCount } = await test.db.pool.query(
    `select pg_terminate_backend(l.pid) from pg_locks l join pg_stat_activity a using (pid)
      where l.locktype = 'advisory' and l.granted and a.application_name = 'bellwire upkeep' and a.datname = current_database()`,
  )
  return rowCount ?? 0
}

describe('the leader', () => {
  it('is one of many, and another when it stops', async () => {
    const runs = [0, 0, 0]
    const members = runs.map((_, index) =>
      start([
        chore(() => {
          runs[index] = (runs[index] ?? 0) + 1
          return Promise.resolve(NOTHING)
        }),
      ]),
    )
    const busy = (): number[] => runs.flatMap((count, index) => (count > 0 ? [index] : []))
    await waitFor(() => Math.max(...runs) > 20)
    expect(busy()).toHaveLength(1)
    const [first = 0] = busy()

    await members[first]?.upkeep.stop()
    await members[first]?.upkeep.stop()
    const before = runs[first]
    await waitFor(() => busy().length === 2, { deadlineMs: 3_000 })
    expect(runs[first]).toBe(before)
  })

  it('loses the chores with its session, and another takes them over within two seconds', async () => {
    let active = 0
    let most = 0
    const aborted: boolean[] = []
    const slow = chore(async (signal) => {
      most = Math.max(most, (active += 1))
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      active -= 1
      aborted.push(true)
      return NOTHING
    })
    const members = [start([slow]), start([slow])]
    await waitFor(() => active === 1)
    for (let time = 1; time <= 3; time++) {
      expect(await endLeaderSession()).toBe(1)
      const ended = performance.now()
      await waitFor(() => aborted.length === time, { deadlineMs: 1_000 })
      await waitFor(() => active === 1, { deadlineMs: 2_500 })
      expect(performance.now() - ended).toBeLessThan(2_500)
    }
    expect(most).toBe(1)
    const warnings = members.flatMap(({ lines }) => lines.filter(({ level }) => level === 40))
    expect(warnings.map(({ msg }) => msg)).toEqual(Array(3).fill('upkeep has no database session; retrying'))
  })

  it('keeps the lock until the batch under way is over, however long that takes', async () => {
    let end: (() => void) | undefined
    let others = 0
    const slow = chore(async () => {
      await new Promise<void>((resolve) => (end = resolve))
      return NOTHING
    })
    const first = start([slow])
    await waitFor(() => end)
    const began = performance.now()
    start([
      chore(() => {
        others += 1
        return Promise.resolve(NOTHING)
      }),
    ])
    const stopping = first.upkeep.stop()
    // A session that is silent for five seconds would have lost it by then.
    await waitFor(() => performance.now() - began > 7_000)
    expect(others).toBe(0)
    end?.()
    await stopping
    await waitFor(() => others > 0, { deadlineMs: 3_000 })
  })

  it('resigns when it is cut off, before another is elected', async () => {
    let active = 0
    let most = 0
    let terms = 0
    const whole = chore(async (signal) => {
      terms += 1
      most = Math.max(most, (active += 1))
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      active -= 1
      return NOTHING
    })
    const proxy = await startDatabaseProxy(test.url)
    try {
      start([whole], proxy.url)
      await waitFor(() => active === 1)
      start([whole])
      proxy.freeze()
      await waitFor(() => active === 0, { deadlineMs: 4_000 })
      await waitFor(() => terms === 2, { deadlineMs: 5_000 })
      expect([active, most]).toEqual([1, 1])
    } finally {
      await proxy.stop()
    }
  })

  it('is elected when a database that was away is there', async () => {
    const url = new URL(test.url)
    url.pathname = `${url.pathname}_later`
    const name = url.pathname.slice(1)
    let runs = 0
    const count = chore(() => {
      runs += 1
      return Promise.resolve(NOTHING)
    })
    const { lines } = start([count], url.href)
    await waitFor(() => lines.length > 0)
    await test.db.pool.query(`create database ${name}`)
    try {
      await waitFor(() => runs > 0)
      expect(lines.map(({ msg }) => msg)).toEqual([
        'upkeep has no database session; retrying',
        'this process is now the upkeep leader',
      ])
    } finally {
      await started[0]?.stop()
      await test.db.pool.query(`drop database ${name} with (force)`)
    }
  })
})

describe('a chore', () => {
  it('runs batches until one is not full, then waits for its time', async () => {
    let left = 2_500
    let runs = 0
    const { counted } = start([
      chore(
        () => {
          runs += 1
          const items = Math.min(left, 1_000)
          left -= items
          return Promise.resolve(batchOf(items, 1_000))
        },
        { everyMs: 60_000 },
      ),
    ])
    await waitFor(() => counted('runs_total').length > 0)
    expect(runs).toBe(3)
    expect(counted('runs_total')).toEqual([{ labels: { chore: 'a_chore', outcome: 'ok' }, value: 1 }])
    expect(counted('items_total')).toEqual([{ labels: { chore: 'a_chore' }, value: 2_500 }])
    const [last] = counted('last_success_timestamp_seconds') as { value: number }[]
    expect(Math.abs((last?.value ?? 0) - Date.now() / 1000)).toBeLessThan(10)
  })

  it('does not run twice at once, and does not keep others waiting', async () => {
    let active = 0
    let most = 0
    let others = 0
    start([
      chore(
        async (signal) => {
          most = Math.max(most, (active += 1))
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
          active -= 1
          return NOTHING
        },
        { name: 'slow', everyMs: 1 },
      ),
      chore(
        () => {
          others += 1
          return Promise.resolve(NOTHING)
        },
        { everyMs: 1 },
      ),
    ])
    await waitFor(() => others > 50)
    expect([active, most]).toEqual([1, 1])
  })

  it('that throws is reported with its name and tried again; the others go on', async () => {
    let failures = 0
    let others = 0
    const { lines, counted } = start([
      chore(
        () => {
          failures += 1
          return Promise.reject(new Error('no such table'))
        },
        { name: 'broken' },
      ),
      chore(() => {
        others += 1
        return Promise.resolve(NOTHING)
      }),
    ])
    await waitFor(() => failures > 2 && others > 2)
    expect(lines.filter(({ level }) => level === 40)[0]).toMatchObject({
      chore: 'broken',
      err: { message: 'no such table' },
    })
    expect(counted('runs_total')).toContainEqual({
      labels: { chore: 'broken', outcome: 'failed' },
      value: expect.any(Number),
    })
  })

  it('that says it has more but did nothing does not spin', async () => {
    let runs = 0
    const { counted } = start([
      chore(
        () => {
          runs += 1
          return Promise.resolve({ items: 0, more: true })
        },
        { everyMs: 60_000 },
      ),
    ])
    await waitFor(() => counted('runs_total').length > 0)
    expect(runs).toBe(1)
  })
})
