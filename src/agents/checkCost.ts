import type { AgentConfig } from '../contract/agent.ts'
import type { FieldError } from '../errors.ts'

/** The fields that determine whether cost limits can be enforced. */
export type Costs = Pick<AgentConfig, 'model' | 'limits' | 'budget'>

/** Finds cost limits that cannot be enforced because the price of the model is unknown. */
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
