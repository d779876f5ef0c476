import { Budget } from '../../contract/agent.ts'
import type { InstanceBudget } from '../../contract/budget.ts'
import { tidyUsd } from '../../contract/usd.ts'
import type { Database, Queryable } from '../../db/database.ts'
import { onlyRow } from '../../db/onlyRow.ts'
import { TODAY } from './usage.ts'

/** Key of the instance's budget in the settings table. */
export const BUDGET_SETTING = 'daily_budget'

/** When the current day ends, by the clock of the database. */
export const DAY_END = `((${TODAY} + 1)::timestamp at time zone 'UTC')`

/** The budget of the whole instance with what was used today. */
export async function readInstanceBudget(db: Database): Promise<InstanceBudget> {
  const { budget, cost, tokens, ends } = onlyRow(
    await db.pool.query<{ budget: string | null; cost: string; tokens: number; ends: Date }>(
      `select (select value from bellwire.settings where name = $1) as budget, ${DAY_END} as ends,
        round(coalesce(sum(cost_usd), 0), 9)::text as cost, coalesce(sum(input_tokens + output_tokens), 0)::float8 as tokens
      from bellwire.usage_daily where day = ${TODAY}`,
      [BUDGET_SETTING],
    ),
  )
  return {
    ...parseBudget(budget),
    used: { cost_usd: tidyUsd(cost), tokens },
    resets_at: ends.toISOString(),
  }
}

/** Sets the budget of the whole instance; an empty one removes it. Tasks that it held are released within seconds. */
export async function writeInstanceBudget(db: Queryable, budget: Budget): Promise<void> {
  await db.query(
    `insert into bellwire.settings (name, value) values ($1, $2)
      on conflict (name) do update set value = excluded.value`,
    [BUDGET_SETTING, JSON.stringify(budget)],
  )
}

/** A stored budget; empty when there is none. */
export function parseBudget(stored: string | null): Budget {
  return stored === null ? {} : Budget.parse(JSON.parse(stored))
}
