import type { Usage } from './task.ts'
import { nanosFromUsd, usdFromNanos } from './usd.ts'

/** Nothing used yet. */
export function noUsage(): Usage {
  return {
    model_calls: 0,
    input_tokens: 0,
    cached_input_tokens: 0,
    output_tokens: 0,
    reasoning_tokens: 0,
    cost_usd: '0',
  }
}

/** Adds two usages. A sum that includes an unknown cost has an unknown cost. */
export function addUsage(one: Usage, other: Usage): Usage {
  return {
    model_calls: one.model_calls + other.model_calls,
    input_tokens: one.input_tokens + other.input_tokens,
    cached_input_tokens: one.cached_input_tokens + other.cached_input_tokens,
    output_tokens: one.output_tokens + other.output_tokens,
    reasoning_tokens: one.reasoning_tokens + other.reasoning_tokens,
    cost_usd:
      one.cost_usd === null || other.cost_usd === null
        ? null
        : usdFromNanos(nanosFromUsd(one.cost_usd) + nanosFromUsd(other.cost_usd)),
  }
}
