import type { ModelPrice } from '../contract/price.ts'

/**
 * List prices of well-known models in US dollars per million tokens, standard tier and short context, as published by
 * the providers: openai.com/api/pricing, docs.claude.com/en/docs/about-claude/pricing and
 * ai.google.dev/gemini-api/docs/pricing, checked against github.com/simonw/llm-prices as of August 2026. Prices change,
 * contracts differ, and long contexts cost more with some providers: PUT /api/prices sets the price you pay.
 */
const LIST = price({
  'demo/assistant': [0, 0, 0],

  'openai/gpt-5.6-sol': [5, 0.5, 30],
  'openai/gpt-5.6-terra': [2.5, 0.25, 15],
  'openai/gpt-5.6-luna': [1, 0.1, 6],
  'openai/gpt-5.5': [5, 0.5, 30],
  'openai/gpt-5.4': [2.5, 0.25, 15],
  'openai/gpt-5.4-mini': [0.75, 0.075, 4.5],
  'openai/gpt-5.4-nano': [0.2, 0.02, 1.25],
  'openai/gpt-5.2': [1.75, 0.175, 14],
  'openai/gpt-5.1': [1.25, 0.125, 10],
  'openai/gpt-5': [1.25, 0.125, 10],
  'openai/gpt-5-mini': [0.25, 0.025, 2],
  'openai/gpt-5-nano': [0.05, 0.005, 0.4],
  'openai/gpt-4.1': [2, 0.5, 8],
  'openai/gpt-4.1-mini': [0.4, 0.1, 1.6],
  'openai/gpt-4.1-nano': [0.1, 0.025, 0.4],
  'openai/gpt-4o': [2.5, 1.25, 10],
  'openai/gpt-4o-mini': [0.15, 0.075, 0.6],
  'openai/o3': [2, 0.5, 8],
  'openai/o4-mini': [1.1, 0.275, 4.4],

  'anthropic/claude-fable-5': [10, 1, 50],
  'anthropic/claude-opus-4-8': [5, 0.5, 25],
  'anthropic/claude-opus-4-7': [5, 0.5, 25],
  'anthropic/claude-opus-4-6': [5, 0.5, 25],
  'anthropic/claude-opus-4-5': [5, 0.5, 25],
  'anthropic/claude-opus-4-1': [15, 1.5, 75],
  'anthropic/claude-sonnet-5': [2, 0.2, 10],
  'anthropic/claude-sonnet-4-5': [3, 0.3, 15],
  'anthropic/claude-sonnet-4': [3, 0.3, 15],
  'anthropic/claude-haiku-4-5': [1, 0.1, 5],
  'anthropic/claude-3-5-haiku': [0.8, 0.08, 4],

  'google/gemini-3.6-flash': [1.5, 0.15, 7.5],
  'google/gemini-3.5-flash': [1.5, 0.15, 9],
  'google/gemini-3.5-flash-lite': [0.3, 0.03, 2.5],
  'google/gemini-3.1-pro-preview': [2, 0.2, 12],
  'google/gemini-3.1-flash-lite-preview': [0.25, 0.025, 1.5],
  'google/gemini-3-flash-preview': [0.5, 0.05, 3],
  'google/gemini-3-pro-preview': [2, 0.2, 12],
  'google/gemini-2.5-pro': [1.25, 0.125, 10],
  'google/gemini-2.5-flash': [0.3, 0.03, 2.5],
  'google/gemini-2.5-flash-lite': [0.1, 0.01, 0.4],
  'google/gemini-2.0-flash': [0.1, 0.025, 0.4],
})

/** The suffix that providers append to a model name for a specific build. */
const BUILD = /(-\d{4}-\d{2}-\d{2}|-\d{8}|-latest|-\d{3})$/

/** The list price of a model, or of a dated build of it; undefined when unknown. */
export function listPrice(ref: string): ModelPrice | undefined {
  return LIST.get(ref) ?? LIST.get(withoutBuild(ref))
}

/** The name of a model without the suffix of a specific build. */
export function withoutBuild(ref: string): string {
  return ref.replace(BUILD, '')
}

/** Every model with a list price. */
export function listedPrices(): { model: string; price: ModelPrice }[] {
  return [...LIST].map(([model, price]) => ({ model, price }))
}

function price(list: Record<string, [input: number, cached: number, output: number]>) {
  return new Map<string, ModelPrice>(
    Object.entries(list).map(([model, [input, cached_input, output]]) => [
      model,
      { input, cached_input, output },
    ]),
  )
}
