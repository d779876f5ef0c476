import type pg from 'pg'
import type { Budget } from '../../contract/agent.ts'
import { parseBudget } from './budget.ts'
import { createDailyAllowance, isLimited, type DailyAllowance } from './dailyAllowance.ts'
import { addAmounts, NOTHING, readSpending, type Amount, type Spending } from './spending.ts'

/** What decides whether a task that was claimed may run now. */
export type Candidate = {
  id: string
  agent_id: string
  /** It has never run. Budgets stop new runs, not those that go on. */
  isNew: boolean
  max_runs: number | null
  budget: Budget | null
  /** The budget of the instance, as it is stored; the same in each row. */
  instance_budget: string | null
}

export type Admission<Row> = {
  admitted: Row[]
  /** Agents that may not start more at present. */
  fullAgents: string[]
  /** Whose budget of the day is used up: agents, and perhaps the instance. */
  exhausted: { agents: string[]; instance: boolean }
}

/**
 * Decides which of the tasks that a claim has found may run: each agent within `max_concurrent_runs` of its present
 * revision, and new runs within the budgets, across all workers. The counts are exact because whoever claims for a
 * limited agent holds that agent's lock from before the count to the commit.
 */
export async function admit<Row extends Candidate>(tx: pg.PoolClient, rows: Row[]): Promise<Admission<Row>> {
  const instanceBudget = parseBudget(rows[0]?.instance_budget ?? null)
  const isInstanceLimited = isLimited(instanceBudget) && rows.some((row) => row.isNew)
  const limited = rows.filter((row) => row.max_runs !== null || (row.isNew && isLimited(row.budget)))
  const agents = [...new Set(limited.map((row) => row.agent_id))].toSorted()
  const none = { agents: [], instance: false }
  if (agents.length === 0 && !isInstanceLimited) {
    return { admitted: rows, fullAgents: [], exhausted: none }
  }

  await takeLocks(tx, agents, isInstanceLimited)
  const counted = isInstanceLimited ? undefined : agents
  const running = await countRunning(tx, counted)
  const needsSpending = isInstanceLimited || limited.some((row) => row.isNew && isLimited(row.budget))
  const spending = needsSpending ? await readSpending(tx, counted) : new Map<string, Spending>()
  const allowances = createAllowances(rows, { instanceBudget, running, spending })

  const admitted: Row[] = []
  const full = new Set<string>()
  const exhausted = { agents: new Set<string>(), instance: false }
  for (const row of rows) {
    const count = running.get(row.agent_id) ?? 0
    const own = row.isNew && isLimited(row.budget) ? allowances.own.state(row.agent_id) : 'open'
    const shared = row.isNew && isInstanceLimited ? allowances.shared.state(row.agent_id) : 'open'
    if (own === 'exhausted') exhausted.agents.add(row.agent_id)
    if (shared === 'exhausted') exhausted.instance = true
    if (own !== 'open' || shared !== 'open' || (row.max_runs !== null && count >= row.max_runs)) {
      full.add(row.agent_id)
      continue
    }
    admitted.push(row)
    running.set(row.agent_id, count + 1)
    allowances.own.take(row.agent_id)
    allowances.shared.take(row.agent_id)
    if (row.max_runs !== null && count + 1 >= row.max_runs) full.add(row.agent_id)
  }
  return {
    admitted,
    fullAgents: [...full],
    exhausted: { agents: [...exhausted.agents], instance: exhausted.instance },
  }
}

/** In one order for everybody: agents by id, the instance last. */
async function takeLocks(tx: pg.PoolClient, agents: string[], instance: boolean): Promise<void> {
  const names = [
    ...agents.map((agent) => `runs of ${agent}`),
    ...(instance ? ['budget of the instance'] : []),
  ]
  for (const name of names) {
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [name])
  }
}

/** Runs under way, by agent. */
async function countRunning(tx: pg.PoolClient, agents: string[] | undefined): Promise<Map<string, number>> {
  const { rows: counts } = await tx.query<{ agent_id: string; running: number }>({
    name: 'running_count',
    text: `select agent_id, count(*)::int as running from bellwire.tasks
      where worker_id is not null and state = 'STARTED'
        and ($1::uuid[] is null or agent_id = any($1))
      group by agent_id`,
    values: [agents ?? null],
  })
  return new Map(counts.map((row) => [row.agent_id, row.running]))
}

type Known = { instanceBudget: Budget; running: Map<string, number>; spending: Map<string, Spending> }

/**
 * The allowances of the agents and of the instance. A run is expected to use what those before it did; towards the
 * instance, one of an agent that has never run what those of the others did.
 */
function createAllowances(rows: Candidate[], { instanceBudget, running, spending }: Known) {
  const average = averageRun(spending)
  const ofOwn = (agent: string): Amount | undefined => spending.get(agent)?.perRun
  const ofShared = (agent: string): Amount | undefined => ofOwn(agent) ?? average
  const under = (agent: string, estimate: typeof ofOwn): (Amount | undefined)[] =>
    Array.from({ length: running.get(agent) ?? 0 }, () => estimate(agent))

  const allowances = new Map<string, DailyAllowance>()
  for (const { agent_id: agent, budget } of rows) {
    const used = spending.get(agent)?.today ?? NOTHING
    if (!allowances.has(agent))
      allowances.set(agent, createDailyAllowance(budget ?? {}, used, under(agent, ofOwn)))
  }
  const used = [...spending.values()].map(({ today }) => today).reduce(addAmounts, NOTHING)
  const everywhere = [...running.keys()].flatMap((agent) => under(agent, ofShared))
  const instance = createDailyAllowance(instanceBudget, used, everywhere)
  return {
    own: {
      state: (agent: string) => allowances.get(agent)?.state(ofOwn(agent)) ?? 'open',
      take: (agent: string) => allowances.get(agent)?.take(ofOwn(agent)),
    },
    shared: {
      state: (agent: string) => instance.state(ofShared(agent)),
      take: (agent: string) => instance.take(ofShared(agent)),
    },
  }
}

function averageRun(spending: Map<string, Spending>): Amount | undefined {
  const known = [...spending.values()].flatMap(({ perRun }) => perRun ?? [])
  if (known.length === 0) return undefined
  const sum = known.reduce(addAmounts, NOTHING)
  return { tokens: sum.tokens / known.length, cost: sum.cost / known.length }
}
