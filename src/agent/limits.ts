import type { LanguageModelV4GenerateResult } from '@ai-sdk/provider'
import type { Limits } from '../contract/agent.ts'
import type { Usage } from '../contract/task.ts'
import { nanosFromUsd } from '../contract/usd.ts'
import { RunFailure } from './runFailure.ts'

/** Total use of a run after a model call. */
export type Spent = { usage: Usage; outputBytes: number }

/**
 * Fails a run that has exceeded a limit. Checked after each model call, once the answer is in the journal, so a run
 * exceeds a token or cost limit by less than one call. A call whose output exceeds the limit is ended while it is in
 * progress: see answerMeter.ts.
 *
 * @throws RunFailure `token_limit`, `cost_limit`, `output_too_large`
 */
export function enforceLimits(limits: Limits, { usage, outputBytes }: Spent): void {
  const { max_total_tokens: maxTokens, max_cost_usd: maxCost, max_output_bytes: maxBytes } = limits
  const tokens = usage.input_tokens + usage.output_tokens
  if (maxTokens !== undefined && tokens > maxTokens) {
    throw new RunFailure(
      'token_limit',
      `The run used ${tokens} tokens; its limit is ${maxTokens} (limits.max_total_tokens).`,
    )
  }
  if (maxCost !== undefined) {
    if (usage.cost_usd === null) {
      throw new RunFailure(
        'price_unknown',
        'The provider did not report how many tokens the call used, so limits.max_cost_usd cannot be enforced.',
      )
    }
    if (nanosFromUsd(usage.cost_usd) > maxCost * 1e9) {
      throw new RunFailure(
        'cost_limit',
        `The run cost $${usage.cost_usd}; its limit is $${maxCost} (limits.max_cost_usd).`,
      )
    }
  }
  if (outputBytes > maxBytes) {
    throw new RunFailure(
      'output_too_large',
      `The model wrote ${outputBytes} bytes; the limit is ${maxBytes} (limits.max_output_bytes).`,
    )
  }
}

/** Bytes, in UTF-8, of the model's output: text, reasoning and tool call arguments. */
export function outputBytes({ content }: LanguageModelV4GenerateResult): number {
  return content.reduce((bytes, part) => {
    if (part.type === 'text' || part.type === 'reasoning') return bytes + Buffer.byteLength(part.text)
    return part.type === 'tool-call' ? bytes + Buffer.byteLength(part.input) : bytes
  }, 0)
}
