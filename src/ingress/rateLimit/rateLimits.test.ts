import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.ts'
import { seedAgent } from '../../../test/harness/seed.ts'
import { leaseRate } from './leaseRate.ts'
import { rateLimitHeaders } from './rateLimitHeaders.ts'
import { createRateLimits, type RateLimits } from './rateLimits.ts'

let test: TestDatabase
let webhookId: string

beforeAll(async () => {
  test = await createTestDatabase()
})

beforeEach(async () => {
  const { agentId } = await seedAgent(test.db)
  const { rows } = await test.db.pool.query<{ id: string }>(
    'select id from bellwire.webhooks where agent_id = $1',
    [agentId],
  )
  webhookId = rows[0]?.id ?? ''
})

afterAll(() => test.drop())

/** A process, with the number of its queries. */
function start(): RateLimits & { queries(): number } {
  let queries = 0
  const limits = createRateLimits({
    db: test.db,
    lease: (...wanted) => {
      queries += 1
      return leaseRate(test.db, ...wanted)
    },
  })
  return { ...limits, queries: () => queries }
}

const limit = { requests: 10, per_seconds: 60 }

async function takeMany(processes: RateLimits[], count: number, of = limit): Promise<number> {
  const taken = await Promise.all(
    Array.from({ length: count }, async (_, n) => processes[n % processes.length]?.take(webhookId, of)),
  )
  return taken.filter((one) => one?.isAllowed).length
}

describe('a rate limit', () => {
  it('is exact over several processes, and over a restart', async () => {
    expect(await takeMany([start(), start(), start()], 100)).toBe(10)
    const restarted = start()
    expect(await restarted.take(webhookId, limit)).toMatchObject({ isAllowed: false, remaining: 0 })
  })

  it('of many requests is never exceeded, and nearly all of it can be used', async () => {
    const large = { requests: 2_000, per_seconds: 60 }
    const processes = [start(), start(), start()]
    let allowed = 0
    for (let round = 0; round < 30; round += 1) allowed += await takeMany(processes, 100, large)
    expect(allowed).toBeLessThanOrEqual(2_000)
    expect(allowed).toBeGreaterThan(1_950)
  })

  it('costs few queries when requests are many, and none once it is used up', async () => {
    const large = { requests: 10_000, per_seconds: 60 }
    const process = start()
    for (let n = 0; n < 5_000; n += 1) await process.take(webhookId, large)
    expect(process.queries()).toBeLessThan(100)

    const other = start()
    await other.take(webhookId, { requests: 1, per_seconds: 60 })
    const before = other.queries()
    for (let n = 0; n < 1_000; n += 1) await other.take(webhookId, { requests: 1, per_seconds: 60 })
    expect(other.queries()).toBeLessThanOrEqual(before + 1)
  })

  it('leaves to others what a process that stands still has not asked for', async () => {
    const [one, two] = [start(), start()]
    expect(await one.take(webhookId, limit)).toMatchObject({ isAllowed: true, remaining: 9 })
    expect(await takeMany([two], 20)).toBe(9)
  })

  it('begins anew when the window is over, at the time that it has said', async () => {
    const short = { requests: 2, per_seconds: 1 }
    const process = start()
    expect(await takeMany([process], 5, short)).toBe(2)
    const refused = await process.take(webhookId, short)
    expect(refused).toMatchObject({ isAllowed: false, resetsInSeconds: 1 })
    await test.db.pool.query('select pg_sleep(1)')
    expect(await takeMany([process, start()], 5, short)).toBe(2)
  })

  it('counts what was used already when it is changed', async () => {
    const process = start()
    expect(await takeMany([process], 10)).toBe(10)
    expect(await takeMany([process], 10, { requests: 12, per_seconds: 60 })).toBe(2)
    expect(await takeMany([process], 10, { requests: 5, per_seconds: 60 })).toBe(0)
  })

  it('throws when the database is away, and works when it is back', async () => {
    let away = true
    const process = createRateLimits({
      db: test.db,
      lease: (...wanted) => (away ? Promise.reject(new Error('away')) : leaseRate(test.db, ...wanted)),
    })
    await expect(
      Promise.all([process.take(webhookId, limit), process.take(webhookId, limit)]),
    ).rejects.toThrow('away')
    away = false
    expect(await takeMany([process], 20)).toBe(10)
  })

  it('refuses nothing at a webhook that was deleted meanwhile: accepting does', async () => {
    expect(await leaseRate(test.db, randomUUID(), limit, 3)).toMatchObject({ granted: 3 })
  })
})

it('is told in the headers of the draft', () => {
  const allowance = { isAllowed: true, remaining: 7, resetsInSeconds: 31 }
  expect(rateLimitHeaders(limit, allowance)).toEqual({
    'ratelimit-policy': '"webhook";q=10;w=60',
    ratelimit: '"webhook";r=7;t=31',
  })
})
