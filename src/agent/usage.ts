import type { LanguageModelV4Usage } from '@ai-sdk/provider'
import type { ModelPrice } from '../contract/price.ts'
import type { Usage } from '../contract/task.ts'
import { usdFromNanos } from '../contract/usd.ts'

/**
 * The usage of one model call. Tokens that a provider does not report count as 0; the cost is then unknown, as it is
 * without a price.
 */
export function usageOfCall(
  { inputTokens, outputTokens }: LanguageModelV4Usage,
  price: ModelPrice | undefined,
): Usage {
  const input = countOf(inputTokens.total)
  const output = countOf(outputTokens.total)
  const isTold = input !== undefined && output !== undefined
  const usage = {
    model_calls: 1,
    input_tokens: input ?? 0,
    cached_input_tokens: countOf(inputTokens.cacheRead) ?? 0,
    output_tokens: output ?? 0,
    reasoning_tokens: countOf(outputTokens.reasoning) ?? 0,
  }
  return { ...usage, cost_usd: price && isTold ? costOf(usage, price) : null }
}

/** More tokens than any call can have: sums of such numbers never overflow. */
const MOST_TOKENS = 1_000_000_000

/** A token count reported by a provider; undefined when it is not plausible, which counts as not reported. */
function countOf(told: number | undefined): number | undefined {
  return Number.isInteger(told) && told !== undefined && told >= 0 && told <= MOST_TOKENS ? told : undefined
}

/** One dollar per million tokens is a thousand billionths per token. */
const NANOS = 1_000

function costOf(usage: Omit<Usage, 'cost_usd'>, price: ModelPrice): string {
  const cached = Math.min(usage.cached_input_tokens, usage.input_tokens)
  const dollars =
    (usage.input_tokens - cached) * price.input +
    cached * (price.cached_input ?? price.input) +
    usage.output_tokens * price.output
  return usdFromNanos(Math.round(dollars * NANOS))
}
