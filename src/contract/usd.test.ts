import fc from 'fast-check'
import { expect, it } from 'vitest'
import { nanosFromUsd, tidyUsd, Usd, usdFromNanos } from './usd.ts'

it.each([
  [0, '0'],
  [1, '0.000000001'],
  [1_250_000, '0.00125'],
  [1_500_000_000, '1.5'],
  [20_000_000_000, '20'],
])('%d billionths are $%s', (nanos, usd) => {
  expect(usdFromNanos(nanos)).toBe(usd)
  expect(nanosFromUsd(usd)).toBe(nanos)
})

it('loses nothing on the way to text and back', () => {
  fc.assert(
    fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (nanos) => {
      const usd = usdFromNanos(nanos)
      expect(Usd.safeParse(usd).success).toBe(true)
      expect(nanosFromUsd(usd)).toBe(nanos)
    }),
  )
})

it('writes decimals of the database without the zeros at their end', () => {
  expect(['0.000000000', '100', '100.000000000', '3.140000000'].map(tidyUsd)).toEqual([
    '0',
    '100',
    '100',
    '3.14',
  ])
})
