import type { LanguageModelV4Usage } from '@ai-sdk/provider'
import type { Usage } from '../contract/task.ts'

/** Nothing used yet. */
export function noUsage(): Usage {
  return { model_calls: 0, input_tokens: 0, cached_input_tokens: 0, output_tokens: 0, reasoning_tokens: 0 }
}

/** What one model call used. A provider that does not say counts as 0. */
export function usageOfCall({ inputTokens, outputTokens }: LanguageModelV4Usage): Usage {
  return {
    model_calls: 1,
    input_tokens: inputTokens.total ?? 0,
    cached_input_tokens: inputTokens.cacheRead ?? 0,
    output_tokens: outputTokens.total ?? 0,
    reasoning_tokens: outputTokens.reasoning ?? 0,
  }
}

export function addUsage(one: Usage, other: Usage): Usage {
  return {
    model_calls: one.model_calls + other.model_calls,
    input_tokens: one.input_tokens + other.input_tokens,
    cached_input_tokens: one.cached_input_tokens + other.cached_input_tokens,
    output_tokens: one.output_tokens + other.output_tokens,
    reasoning_tokens: one.reasoning_tokens + other.reasoning_tokens,
  }
}
