import type pg from 'pg'
import type { Budget } from '../../contract/agent.ts'
import { parseBudget } from './budget.ts'
import { createDailyAllowance, isLimited, type DailyAllowance } from './dailyAllowance.ts'
import { NO_USE, type PastUsage } from './pastUsage.ts'
import { NOTHING, readSpending, readTotalSpending, type Amount, type Used } from './spending.ts'

/** The facts that determine whether a claimed task may run now. */
export type Candidate = {
  id: string
  agent_id: string
  /** It has never run. Budgets stop new runs, not runs that continue. */
  isNew: boolean
  max_runs: number | null
  budget: Budget | null
  /** The budget of the instance, as stored; the same in each row. */
  instance_budget: string | null
}

export type Admission<Row> = {
  admitted: Row[]
  /** Agents that may not start more runs at present. */
  fullAgents: string[]
  /** Whose daily budget is used up: agents, and possibly the instance. */
  exhausted: { agents: string[]; instance: boolean }
}

/**
 * Decides which of the tasks found by a claim may run: each agent within `max_concurrent_runs` of its latest revision,
 * and new runs within the budgets, across all workers. The counts are exact because a claim for a limited agent holds
 * that agent's lock from before the count to the commit. The same applies to today's usage; the average use of a run is
 * at most a minute old.
 */
export async function admit<Row extends Candidate>(
  tx: pg.PoolClient,
  rows: Row[],
  pastUsage: PastUsage,
): Promise<Admission<Row>> {
  const instanceBudget = parseBudget(rows[0]?.instance_budget ?? null)
  const isInstanceLimited = isLimited(instanceBudget) && rows.some((row) => row.isNew)
  const limited = rows.filter((row) => row.max_runs !== null || (row.isNew && isLimited(row.budget)))
  const agents = [...new Set(limited.map((row) => row.agent_id))].toSorted()
  const none = { agents: [], instance: false }
  if (agents.length === 0 && !isInstanceLimited) {
    return { admitted: rows, fullAgents: [], exhausted: none }
  }

  const budgeted = rows.filter((row) => row.isNew && isLimited(row.budget)).map((row) => row.agent_id)
  const past = isInstanceLimited ? await pastUsage.total(tx) : NO_USE
  // Sent together: the counts are read once the locks are held.
  const [, running, total] = await Promise.all([
    takeLocks(tx, agents, isInstanceLimited),
    countRunning(tx, isInstanceLimited ? undefined : agents),
    isInstanceLimited ? readTotalSpending(tx) : NO_USE,
  ])
  const estimated = isInstanceLimited
    ? [...new Set([...rows.map((row) => row.agent_id), ...running.keys()])]
    : [...new Set(budgeted)]
  const used = await readUsed(tx, estimated, pastUsage)
  const allowances = createAllowances(rows, { instanceBudget, running, used, total, past })

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

/** In one fixed order: agents by id, the instance last. */
async function takeLocks(tx: pg.PoolClient, agents: string[], instance: boolean): Promise<void> {
  const names = [
    ...agents.map((agent) => `runs of ${agent}`),
    ...(instance ? ['budget of the instance'] : []),
  ]
  await Promise.all(
    names.map((name) => tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [name])),
  )
}

/** Runs in progress, by agent. */
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

type AgentUse = { today: Amount; perRun: Amount | undefined }

/** What agents have used today, and the average use of a run of each; undefined before its first. */
async function readUsed(
  tx: pg.PoolClient,
  agents: string[],
  pastUsage: PastUsage,
): Promise<Map<string, AgentUse>> {
  if (agents.length === 0) return new Map()
  const [spending, past] = await Promise.all([readSpending(tx, agents), pastUsage.of(tx, agents)])
  return new Map(
    agents.map((id) => {
      const { today, runs } = spending.get(id) ?? { today: NOTHING, runs: 0 }
      return [id, { today, perRun: averageRun(past.get(id) ?? NO_USE, { ...today, runs }) }]
    }),
  )
}

function averageRun(past: Used, today: Used): Amount | undefined {
  const runs = past.runs + today.runs
  if (runs === 0) return undefined
  return { tokens: (past.tokens + today.tokens) / runs, cost: (past.cost + today.cost) / runs }
}

type Known = {
  instanceBudget: Budget
  running: Map<string, number>
  used: Map<string, AgentUse>
  /** Of all agents, today. */
  total: Used
  /** Of all agents, on the days before. */
  past: Used
}

/**
 * The allowances of the agents and of the instance. A run is expected to use as much as the average of earlier ones;
 * for the instance, a run of an agent that has never run, as much as the average of the others.
 */
function createAllowances(rows: Candidate[], { instanceBudget, running, used, total, past }: Known) {
  const average = averageRun(past, total)
  const ofOwn = (agent: string): Amount | undefined => used.get(agent)?.perRun
  const ofShared = (agent: string): Amount | undefined => ofOwn(agent) ?? average
  const under = (agent: string, estimate: typeof ofOwn): (Amount | undefined)[] =>
    Array.from({ length: running.get(agent) ?? 0 }, () => estimate(agent))

  const allowances = new Map<string, DailyAllowance>()
  for (const { agent_id: agent, budget } of rows) {
    if (allowances.has(agent)) continue
    const today = used.get(agent)?.today ?? NOTHING
    allowances.set(agent, createDailyAllowance(budget ?? {}, today, under(agent, ofOwn)))
  }
  const everywhere = [...running.keys()].flatMap((agent) => under(agent, ofShared))
  const instance = createDailyAllowance(instanceBudget, total, everywhere)
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
