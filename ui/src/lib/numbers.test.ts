import { expect, it } from 'vitest'
import { count, percent, usd } from './numbers.ts'

it.each([
  [0, '0'],
  [9_999, '9,999'],
  [12_345, '12.3K'],
  [1_234_567, '1.23M'],
])('%s is shown as %s', (value, text) => {
  expect(count(value)).toBe(text)
})

it.each([
  [1, '100%'],
  [0.99999, '99.99%'],
  [0.9973, '99.73%'],
  [0.9, '90%'],
  [0.1234, '12.3%'],
  [0, '0%'],
])('the share %s is %s', (share, text) => {
  expect(percent(share)).toBe(text)
})

it.each([
  ['0', '$0.00'],
  ['12.3', '$12.30'],
  ['0.00421', '$0.0042'],
])('%s US dollars are %s', (amount, text) => {
  expect(usd(amount)).toBe(text)
})
