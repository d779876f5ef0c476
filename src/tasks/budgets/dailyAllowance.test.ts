import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDailyAllowance, isExhausted, isLimited } from './dailyAllowance.ts'

const run = { tokens: 30, cost: 0.3 }
const budget = { max_tokens_per_day: 100 }

describe('a allowance', () => {
  it('lets in what it is expected to pay for, and the rest one at a time', () => {
    const allowance = createDailyAllowance(budget, { tokens: 30, cost: 0 }, [])
    expect(allowance.state(run)).toBe('open')
    allowance.take(run)
    expect(allowance.state(run)).toBe('open')
    allowance.take(run)
    expect(allowance.state(run)).toBe('reserved')
    expect(createDailyAllowance(budget, { tokens: 99, cost: 0 }, []).state(run)).toBe('open')
    expect(createDailyAllowance(budget, { tokens: 99, cost: 0 }, [run]).state(run)).toBe('reserved')
    expect(createDailyAllowance(budget, { tokens: 100, cost: 0 }, []).state(run)).toBe('exhausted')
  })

  it('waits for the first run to learn what one uses', () => {
    const allowance = createDailyAllowance(budget, { tokens: 0, cost: 0 }, [])
    expect(allowance.state(undefined)).toBe('open')
    allowance.take(undefined)
    expect(allowance.state(undefined)).toBe('reserved')
  })

  it('minds both limits', () => {
    const both = { max_tokens_per_day: 1_000, max_cost_usd_per_day: 1 }
    expect(isExhausted(both, { tokens: 10, cost: 1 })).toBe(true)
    expect(isExhausted(both, { tokens: 1_000, cost: 0 })).toBe(true)
    expect(createDailyAllowance(both, { tokens: 0, cost: 0.5 }, [run]).state(run)).toBe('reserved')
    expect(createDailyAllowance({}, { tokens: 1e9, cost: 1e9 }, [undefined]).state(run)).toBe('open')
    expect([{}, null, undefined].map(isLimited)).toEqual([false, false, false])
  })

  it('is never passed by more than one run, when runs use what was expected', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 300 }), (limit, tokens) => {
        const each = { tokens, cost: 0 }
        let used = 0
        for (let round = 0; round < 2_000; round++) {
          const allowance = createDailyAllowance({ max_tokens_per_day: limit }, { tokens: used, cost: 0 }, [])
          let started = 0
          for (; started < 50 && allowance.state(each) === 'open'; started++) allowance.take(each)
          if (started === 0) break
          used += started * tokens
        }
        expect(used).toBeGreaterThanOrEqual(limit)
        expect(used).toBeLessThan(limit + tokens)
      }),
    )
  })
})
