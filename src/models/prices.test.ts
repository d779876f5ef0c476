import { expect, it } from 'vitest'
import { ModelPrice } from '../contract/price.ts'
import { listedPrices, listPrice } from './prices.ts'

it.each([
  ['openai/gpt-5-mini', 0.25],
  ['openai/gpt-5-mini-2025-08-07', 0.25],
  ['anthropic/claude-sonnet-4-5-20250929', 3],
  ['google/gemini-2.0-flash-001', 0.1],
  ['demo/assistant', 0],
])('%s costs $%d for a million input tokens', (model, input) => {
  expect(listPrice(model)?.input).toBe(input)
})

it.each(['openai/gpt-5-mini-audio', 'local/gpt-5', 'gpt-5', 'openai/'])(
  'nobody knows what %s costs',
  (model) => {
    expect(listPrice(model)).toBeUndefined()
  },
)

it('lists prices that could be saved, cached input never dearer than other input', () => {
  for (const { model, price } of listedPrices()) {
    expect(ModelPrice.safeParse(price).success, model).toBe(true)
    expect(price.cached_input, model).toBeLessThanOrEqual(price.input)
  }
})
