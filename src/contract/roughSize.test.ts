import { expect, it } from 'vitest'
import { roughSize } from './roughSize.ts'

it.each([
  ['a text', 'x'.repeat(10_000)],
  ['texts in lists and objects', { a: ['y'.repeat(5_000)], b: { c: 'z'.repeat(5_000) } }],
  ['long names', { ['n'.repeat(10_000)]: 1 }],
  ['many small values', Array.from({ length: 2_500 }, (_, at) => at)],
])('is about as large as the JSON: %s', (_, value) => {
  const exact = JSON.stringify(value).length
  expect(roughSize(value) / exact).toBeGreaterThan(0.8)
  expect(roughSize(value) / exact).toBeLessThan(1.2)
})

it('takes any depth, and nothing at all', () => {
  let deep: unknown = 'end'
  for (let level = 0; level < 100_000; level += 1) deep = [deep]
  expect(roughSize(deep)).toBeGreaterThan(100_000)
  expect(roughSize(undefined)).toBeLessThan(10)
  expect(roughSize(null)).toBeLessThan(10)
})
