import type { Budget } from '../../contract/agent.ts'
import { addAmounts, NOTHING, type Amount } from './spending.ts'

/**
 * A budget of the day with what is gone of it: what was used, and what runs under way are expected to use. So a
 * budget that is nearly used up lets few runs in at a time, and is not passed by many at once.
 *
 * - `open`: a run may start.
 * - `reserved`: not before one of the runs under way has ended.
 * - `exhausted`: not today.
 */
export type DailyAllowance = {
  state(estimate: Amount | undefined): 'open' | 'reserved' | 'exhausted'
  /** A run has started. */
  take(estimate: Amount | undefined): void
}

/**
 * @param used what was used today
 * @param running what each run under way is expected to use; undefined where nobody knows
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
      // Whatever it will use: what is left is there to be used.
      if (runs === 0) return 'open'
      // Nobody knows yet what a run uses: the first model call of the one under way will tell.
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

/** Whether there is a limit in it. */
export function isLimited(budget: Budget | null | undefined): budget is Budget {
  return budget?.max_cost_usd_per_day !== undefined || budget?.max_tokens_per_day !== undefined
}
