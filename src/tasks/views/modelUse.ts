import type { Database } from '../../db/database.ts'
import { onlyRow } from '../../db/onlyRow.ts'
import { TODAY } from '../budgets/usage.ts'

/** Usage of a model, all time: tokens, and US dollars. */
export type ModelTotals = {
  model: string
  input: number
  cached: number
  output: number
  reasoning: number
  cost: number
}

export type ModelUse = {
  /** The totals of every model ever used, by name. */
  read(): Promise<ModelTotals[]>
}

/**
 * Sums the usage of models since the first day. The account of a day is final soon after its end, so all days but the
 * last two are summed once a day, and cached.
 */
export function createModelUse(db: Database): ModelUse {
  let closed: { day: string; totals: ModelTotals[] } | undefined

  async function readTotals(days: string, day: string): Promise<ModelTotals[]> {
    const { rows } = await db.pool.query<ModelTotals>(
      `select model, sum(input_tokens)::float8 as input, sum(cached_input_tokens)::float8 as cached,
          sum(output_tokens)::float8 as output, sum(reasoning_tokens)::float8 as reasoning,
          sum(cost_usd)::float8 as cost
        from bellwire.usage_daily where ${days} group by model`,
      [day],
    )
    return rows
  }

  return {
    async read() {
      const { today } = onlyRow(await db.pool.query<{ today: string }>(`select ${TODAY}::text as today`))
      if (closed?.day !== today) {
        closed = { day: today, totals: await readTotals('day < $1::date - 1', today) }
      }
      // Calls that started before midnight may still be added to yesterday.
      return addUp([...closed.totals, ...(await readTotals('day >= $1::date - 1', today))])
    },
  }
}

function addUp(parts: ModelTotals[]): ModelTotals[] {
  const byModel = new Map<string, ModelTotals>()
  for (const part of parts) {
    const sum = byModel.get(part.model)
    byModel.set(
      part.model,
      sum
        ? {
            model: part.model,
            input: sum.input + part.input,
            cached: sum.cached + part.cached,
            output: sum.output + part.output,
            reasoning: sum.reasoning + part.reasoning,
            cost: sum.cost + part.cost,
          }
        : part,
    )
  }
  return [...byModel.values()].toSorted((a, b) => (a.model < b.model ? -1 : 1))
}
