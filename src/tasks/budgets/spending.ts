import type { Queryable } from '../../db/database.ts'
import { TODAY } from './usage.ts'

/** Days over which it is learned what a run of an agent uses. */
const LEARN_DAYS = 7

/** Tokens, and US dollars: a float, for comparisons only. */
export type Amount = { tokens: number; cost: number }

/** What an agent has used today, and what a run of it has used of late; undefined before its first run. */
export type Spending = { today: Amount; perRun: Amount | undefined }

/**
 * Reads what agents have used.
 *
 * @param agentIds all agents when undefined
 */
export async function readSpending(
  db: Queryable,
  agentIds: readonly string[] | undefined,
): Promise<Map<string, Spending>> {
  const { rows } = await db.query<{
    agent_id: string
    tokens: number
    cost: number
    run_tokens: number | null
    run_cost: number | null
  }>({
    name: 'spending_read',
    text: `select agent_id, coalesce(sum(input_tokens + output_tokens) filter (where day = ${TODAY}), 0)::float8 as tokens,
        coalesce(sum(cost_usd) filter (where day = ${TODAY}), 0)::float8 as cost,
        (sum(input_tokens + output_tokens) / nullif(sum(runs), 0))::float8 as run_tokens,
        (sum(cost_usd) / nullif(sum(runs), 0))::float8 as run_cost
      from bellwire.usage_daily
      where day > ${TODAY} - ${LEARN_DAYS} and ($1::uuid[] is null or agent_id = any($1))
      group by agent_id`,
    values: [agentIds ?? null],
  })
  return new Map(
    rows.map(({ agent_id: id, tokens, cost, run_tokens: runTokens, run_cost: runCost }) => [
      id,
      {
        today: { tokens, cost },
        perRun: runTokens === null || runCost === null ? undefined : { tokens: runTokens, cost: runCost },
      },
    ]),
  )
}

export const NOTHING: Amount = { tokens: 0, cost: 0 }

export function addAmounts(one: Amount, other: Amount): Amount {
  return { tokens: one.tokens + other.tokens, cost: one.cost + other.cost }
}
