import type { Budget } from '../../contract/agent.ts'
import { addAmounts, NOTHING, type Amount } from './spending.ts'

/**
 * A daily budget with the part that is used: what was used, and what runs in progress are expected to use. So a nearly
 * used budget admits few runs at a time, and is not exceeded by many at once.
 *
 * - `open`: a run may start.
 * - `reserved`: not before one of the runs in progress has ended.
 * - `exhausted`: not today.
 */
export type DailyAllowance = {
  state(estimate: Amount | undefined): 'open' | 'reserved' | 'exhausted'
  /** A run has started. */
  take(estimate: Amount | undefined): void
}

/**
 * @param used what was used today
 * @param running what each run in progress is expected to use; undefined where unknown
 */
export function createDailyAllowance(
  budget: Budget,
  used: Amount,
  running: readonly (Amount | undefined)[],
): DailyAllowance {
  const limit: Amount = {
    tokens: budget.max_tokens_per_day ?? Infinity,
    cost: budget.max_cost_usd_per_day ?? Infinity,
  }
  let runs = 0
  let gone = used
  const take = (estimate: Amount | undefined): void => {
    runs += 1
    gone = addAmounts(gone, estimate ?? NOTHING)
  }
  for (const estimate of running) take(estimate)

  return {
    take,
    state(estimate) {
      if (used.tokens >= limit.tokens || used.cost >= limit.cost) return 'exhausted'
      // Whatever it will use: the remaining budget may be used.
      if (runs === 0) return 'open'
      // The use of a run is unknown yet: the first model call of the one in progress will show it.
      if (!estimate) return 'reserved'
      const after = addAmounts(gone, estimate)
      return after.tokens > limit.tokens || after.cost > limit.cost ? 'reserved' : 'open'
    },
  }
}

/** Whether a budget is used up. */
export function isExhausted(budget: Budget, used: Amount): boolean {
  return createDailyAllowance(budget, used, []).state(undefined) === 'exhausted'
}

/** Whether it has any limit. */
export function isLimited(budget: Budget | null | undefined): budget is Budget {
  return budget?.max_cost_usd_per_day !== undefined || budget?.max_tokens_per_day !== undefined
}
