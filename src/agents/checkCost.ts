import type { AgentConfig } from '../contract/agent.ts'
import type { FieldError } from '../errors.ts'

/** What bears on whether limits on cost can be kept. */
export type Costs = Pick<AgentConfig, 'model' | 'limits' | 'budget'>

/** Finds limits on cost that cannot be kept, because nobody knows what the model costs. */
export async function checkCost(
  { model, limits, budget }: Costs,
  hasPrice: (model: string) => Promise<boolean>,
): Promise<FieldError[]> {
  const limited = [
    ...(limits.max_cost_usd === undefined ? [] : ['/limits/max_cost_usd']),
    ...(budget?.max_cost_usd_per_day === undefined ? [] : ['/budget/max_cost_usd_per_day']),
  ]
  if (limited.length === 0 || (await hasPrice(model))) return []
  const detail =
    `the price of ${model} is unknown; set it first: PUT /api/prices/${encodeURIComponent(model)}, ` +
    'or limit tokens instead'
  return limited.map((pointer) => ({ pointer, detail }))
}
