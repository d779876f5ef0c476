import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seedAgent } from '../../../test/harness/seed.ts'
import { startTaskBench, type TaskBench } from '../../../test/harness/taskBench.ts'
import { admit, type Candidate } from './admission.ts'
import { createPastUsage } from './pastUsage.ts'

let bench: TaskBench

beforeEach(async () => {
  bench = await startTaskBench()
})

afterEach(() => bench.stop())

const MODELS = 2

/** Use of many agents, on each of the last days: `tokens` in one run a day. */
async function addUsage({ agents, days, tokens }: { agents: string[]; days: number[]; tokens: number }) {
  await bench.test.db.pool.query(
    `insert into bellwire.usage_daily select (now() at time zone 'UTC')::date - d, a, 'model/' || m,
        case m when 1 then 1 else 0 end, 1, 0, $3::int / ${MODELS}, 0, 0, 0, 0.001
      from unnest($1::uuid[]) a, unnest($2::int[]) d, generate_series(1, ${MODELS}) m`,
    [agents, days, tokens],
  )
}

const candidate = (agent: string, budget: object, instance = false): Candidate => ({
  id: crypto.randomUUID(),
  agent_id: agent,
  isNew: true,
  max_runs: null,
  budget: instance ? null : budget,
  instance_budget: instance ? JSON.stringify(budget) : null,
})

/** Admits in a transaction of its own, and counts the rows of use that it has read. */
async function measure(rows: Candidate[], past: ReturnType<typeof createPastUsage>) {
  return bench.test.db.transaction(async (tx) => {
    // Counts of earlier transactions on this connection may be in it, too.
    const countRead = async (): Promise<number> => {
      const { rows: counts } = await tx.query<{ read: number }>(
        `select (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::float8 as read
          from pg_stat_xact_user_tables where relid = 'bellwire.usage_daily'::regclass`,
      )
      return counts[0]?.read ?? NaN
    }
    const before = await countRead()
    const admission = await admit(tx, rows, past)
    return { admission, read: (await countRead()) - before }
  })
}

describe('a claim with a budget', () => {
  const PAST = [1, 2, 3, 4, 5, 6, 7, 8, 20, 40]

  it('of the instance reads the rows of today, and those of the days before once in a while', async () => {
    const agents = Array.from({ length: 300 }, () => crypto.randomUUID())
    await addUsage({ agents, days: [0, ...PAST], tokens: 100 })
    await bench.test.db.pool.query('vacuum analyze bellwire.usage_daily')
    let now = 0
    const past = createPastUsage({ now: () => now })
    const rows = [candidate(agents[0] ?? '', { max_tokens_per_day: 1_000_000 }, true)]
    const today = agents.length * MODELS

    const first = await measure(rows, past)
    expect(first.admission.admitted).toEqual(rows)
    expect(first.read).toBeGreaterThan(today * 6)
    for (let claim = 0; claim < 3; claim++) {
      expect((await measure(rows, past)).read).toBeLessThanOrEqual(today + 2 * MODELS)
    }
    now += 60_000
    expect((await measure(rows, past)).read).toBeGreaterThan(today * 6)
  })

  it('of an agent reads what that agent used', async () => {
    const agents = Array.from({ length: 300 }, () => crypto.randomUUID())
    await addUsage({ agents, days: [0, ...PAST], tokens: 100 })
    await bench.test.db.pool.query('vacuum analyze bellwire.usage_daily')
    const past = createPastUsage()
    const rows = [candidate(agents[0] ?? '', { max_tokens_per_day: 1_000 })]
    expect((await measure(rows, past)).read).toBeLessThanOrEqual(7 * MODELS)
    expect((await measure(rows, past)).read).toBeLessThanOrEqual(MODELS)
  })

  it('expects of a run what runs of its agent used of late, today and before', async () => {
    const { agentId } = await seedAgent(bench.test.db)
    await addUsage({ agents: [agentId], days: [1, 6], tokens: 100 })
    await addUsage({ agents: [agentId], days: [7], tokens: 1_000_000 })
    const past = createPastUsage()
    const ask = async (limit: number) => {
      const rows = Array.from({ length: 20 }, () => candidate(agentId, { max_tokens_per_day: limit }))
      return (await measure(rows, past)).admission.admitted.length
    }
    expect(await ask(1_000)).toBe(10)
    // Today a run used 400: that is exact at once, and makes 200 of the average.
    await addUsage({ agents: [agentId], days: [0], tokens: 400 })
    expect(await ask(1_000)).toBe(3)
    expect(await ask(400)).toBe(0)
  })

  it('expects of an agent that has never run what the others use', async () => {
    const known = [crypto.randomUUID(), crypto.randomUUID()]
    await addUsage({ agents: known, days: [2], tokens: 100 })
    const rows = Array.from({ length: 20 }, () =>
      candidate(crypto.randomUUID(), { max_tokens_per_day: 500 }, true),
    )
    expect((await measure(rows, createPastUsage())).admission.admitted).toHaveLength(5)
  })
})
