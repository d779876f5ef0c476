import type { Database, Queryable } from '../../db/database.ts'
import { NOTHING, USED, type Used } from './spending.ts'
import { TODAY } from './usage.ts'

/** Number of days before today used to estimate the use of a run. */
const LEARN_DAYS = 6

/** How long a read is cached. Past days change only at midnight; averages may be that old. */
const REMEMBER_MS = 60_000

export const NO_USE: Used = { ...NOTHING, runs: 0 }

/**
 * Usage on the days before today, cached for a minute: it is only used for averages. Not a lookup cache: a claim reads
 * all missing agents in one query of its own transaction. It holds the agents that were claimed within the minute.
 */
export type PastUsage = {
  /** By agent; every id gets an entry. */
  of(db: Queryable, agentIds: readonly string[]): Promise<Map<string, Used>>
  /** Of all agents together. */
  total(db: Queryable): Promise<Used>
}

const memories = new WeakMap<Database, PastUsage>()

/** The past usage of a database, shared by everything in this process that claims tasks there. */
export function pastUsageOf(db: Database): PastUsage {
  let memory = memories.get(db)
  if (!memory) memories.set(db, (memory = createPastUsage()))
  return memory
}

export function createPastUsage({ now = () => performance.now() } = {}): PastUsage {
  const agents = new Map<string, Used>()
  let total: Used | undefined
  let since = now()

  function forgetOld(): void {
    if (now() - since < REMEMBER_MS) return
    agents.clear()
    total = undefined
    since = now()
  }

  return {
    async of(db, agentIds) {
      forgetOld()
      const missing = agentIds.filter((id) => !agents.has(id))
      const read = missing.length > 0 ? await readAgents(db, missing) : new Map<string, Used>()
      for (const id of missing) agents.set(id, read.get(id) ?? NO_USE)
      return new Map(agentIds.map((id) => [id, agents.get(id) ?? NO_USE]))
    },

    async total(db) {
      forgetOld()
      return (total ??= await readTotal(db))
    },
  }
}

const PAST_DAYS = `day >= ${TODAY} - ${LEARN_DAYS} and day < ${TODAY}`

async function readAgents(db: Queryable, agentIds: string[]): Promise<Map<string, Used>> {
  const { rows } = await db.query<Used & { agent_id: string }>({
    name: 'past_usage_of_agents',
    text: `select agent_id, ${USED} from bellwire.usage_daily
      where ${PAST_DAYS} and agent_id = any($1::uuid[]) group by agent_id`,
    values: [agentIds],
  })
  return new Map(rows.map(({ agent_id: id, ...used }) => [id, used]))
}

async function readTotal(db: Queryable): Promise<Used> {
  const { rows } = await db.query<Used>({
    name: 'past_usage_total',
    text: `select ${USED} from bellwire.usage_daily where ${PAST_DAYS}`,
  })
  return rows[0] ?? NO_USE
}
