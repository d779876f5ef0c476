import { createHash } from 'node:crypto'
import { Budget } from '../../contract/agent.ts'
import type { InstanceBudget } from '../../contract/budget.ts'
import { etagOf, requireMatch, type IfMatch } from '../../contract/ifMatch.ts'
import { tidyUsd } from '../../contract/usd.ts'
import type { Database } from '../../db/database.ts'
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
    version: versionOf(budget),
    used: { cost_usd: tidyUsd(cost), tokens },
    resets_at: ends.toISOString(),
  }
}

/**
 * Sets the budget of the whole instance; an empty one removes it. Tasks that it held are released within seconds.
 *
 * @throws BellwireError `precondition_failed` when `ifMatch` is of another version
 */
export async function writeInstanceBudget(db: Database, budget: Budget, ifMatch?: IfMatch): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(hashtextextended('bellwire instance budget', 0))`)
    const { rows } = await tx.query<{ value: string }>(
      'select value from bellwire.settings where name = $1',
      [BUDGET_SETTING],
    )
    requireMatch(ifMatch, etagOf(versionOf(rows[0]?.value ?? null)))
    await tx.query(
      `insert into bellwire.settings (name, value) values ($1, $2)
        on conflict (name) do update set value = excluded.value`,
      [BUDGET_SETTING, JSON.stringify(budget)],
    )
  })
}

/** The same for the same limits. */
function versionOf(stored: string | null): string {
  return createHash('sha256')
    .update(stored ?? '{}')
    .digest('base64url')
    .slice(0, 16)
}

/** A stored budget; empty when there is none. */
export function parseBudget(stored: string | null): Budget {
  return stored === null ? {} : Budget.parse(JSON.parse(stored))
}
