import { describe, expect, it } from 'vitest'
import { addUsage, noUsage } from '../contract/addUsage.ts'
import { usageOfCall } from './usage.ts'

const told = {
  inputTokens: { total: 1_000, noCache: 400, cacheRead: 600, cacheWrite: 0 },
  outputTokens: { total: 50, text: 20, reasoning: 30 },
}
const silent = {
  inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
}
const price = { input: 0.25, cached_input: 0.025, output: 2 }

describe('numbers that cannot be', () => {
  it.each([10.5, -5, 1e30, 2 ** 53, Number.NaN])('%d tokens count as not told', (total) => {
    const odd = { ...told, inputTokens: { ...told.inputTokens, total } }
    expect(usageOfCall(odd, price)).toMatchObject({ input_tokens: 0, output_tokens: 50, cost_usd: null })
  })
})

describe('the cost of a call', () => {
  it('counts cached input at its own price, and reasoning as output', () => {
    // 400 at 0.25, 600 at 0.025, 50 at 2 for a million
    expect(usageOfCall(told, price)).toEqual({
      model_calls: 1,
      input_tokens: 1_000,
      cached_input_tokens: 600,
      output_tokens: 50,
      reasoning_tokens: 30,
      cost_usd: '0.000215',
    })
  })

  it('counts cached input like other input where the provider makes no difference', () => {
    expect(usageOfCall(told, { input: 0.25, output: 2 }).cost_usd).toBe('0.00035')
  })

  it('is unknown without a price, or when the provider does not tell the tokens', () => {
    expect(usageOfCall(told, undefined).cost_usd).toBeNull()
    expect(usageOfCall(silent, price)).toMatchObject({ input_tokens: 0, cost_usd: null })
  })

  it('is nothing where the model is free', () => {
    expect(usageOfCall(told, { input: 0, output: 0 }).cost_usd).toBe('0')
  })
})

it('adds up exactly, and an unknown cost makes the sum unknown', () => {
  const one = usageOfCall(told, price)
  const sum = Array.from({ length: 1_000 }, () => one).reduce(addUsage, noUsage())
  expect(sum).toMatchObject({ model_calls: 1_000, input_tokens: 1_000_000, cost_usd: '0.215' })
  expect(addUsage(sum, usageOfCall(told, undefined)).cost_usd).toBeNull()
})
