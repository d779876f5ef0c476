import type { Queryable } from '../../db/database.ts'
import { TODAY } from './usage.ts'

/** Tokens, and US dollars: a float, for comparisons only. */
export type Amount = { tokens: number; cost: number }

/** Usage, and the number of runs that caused it. */
export type Used = Amount & { runs: number }

/** What an agent has used today, and in how many runs. */
export type Spending = { today: Amount; runs: number }

/** Columns of a `Used`, over rows of `usage_daily`. */
export const USED = `coalesce(sum(input_tokens + output_tokens), 0)::float8 as tokens,
  coalesce(sum(cost_usd), 0)::float8 as cost, coalesce(sum(runs), 0)::float8 as runs`

/**
 * Reads what agents have used today. An agent without usage has no entry.
 *
 * @param agentIds all agents when undefined
 */
export async function readSpending(
  db: Queryable,
  agentIds: readonly string[] | undefined,
): Promise<Map<string, Spending>> {
  // Two statements, so that each has its own plan: for few agents by the index, for all by the day.
  const { rows } = await db.query<Used & { agent_id: string }>(
    agentIds
      ? {
          name: 'spending_of_agents',
          text: `select agent_id, ${USED} from bellwire.usage_daily
            where day = ${TODAY} and agent_id = any($1::uuid[]) group by agent_id`,
          values: [agentIds],
        }
      : {
          name: 'spending_of_all',
          text: `select agent_id, ${USED} from bellwire.usage_daily where day = ${TODAY} group by agent_id`,
        },
  )
  return new Map(rows.map(({ agent_id: id, runs, tokens, cost }) => [id, { today: { tokens, cost }, runs }]))
}

/** Reads what all agents together have used today. */
export async function readTotalSpending(db: Queryable): Promise<Used> {
  const { rows } = await db.query<Used>({
    name: 'spending_total',
    text: `select ${USED} from bellwire.usage_daily where day = ${TODAY}`,
  })
  return rows[0] ?? { ...NOTHING, runs: 0 }
}

export const NOTHING: Amount = { tokens: 0, cost: 0 }

export function addAmounts(one: Amount, other: Amount): Amount {
  return { tokens: one.tokens + other.tokens, cost: one.cost + other.cost }
}
