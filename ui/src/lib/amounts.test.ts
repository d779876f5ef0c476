import { expect, it } from 'vitest'
import { compact, counted, usd } from './amounts.ts'

it.each([
  ['0', '$0'],
  ['0.0021349', '$0.0021'],
  ['0.00000042', '$0.00000042'],
  ['0.01', '$0.01'],
  ['12.4', '$12.40'],
  ['1234.567', '$1,234.57'],
])('%s dollars are %s', (amount, shown) => {
  expect(usd(amount)).toBe(shown)
})

it.each([
  [0, '0'],
  [950, '950'],
  [1_000, '1k'],
  [12_345, '12.3k'],
  [123_456, '123k'],
  [999_949, '1000k'],
  [999_950, '1M'],
  [4_100_000, '4.1M'],
])('%d are %s', (count, shown) => {
  expect(compact(count)).toBe(shown)
})

it('counts things', () => {
  expect([counted(1, 'task'), counted(1_200, 'task'), counted(2, 'query', 'queries')]).toEqual([
    '1 task',
    '1,200 tasks',
    '2 queries',
  ])
})
