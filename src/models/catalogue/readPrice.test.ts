import { expect, it } from 'vitest'
import { readPrice } from './readPrice.ts'

it.each([
  [
    { prompt: '0.0000003', completion: '0.0000025' },
    { input: 0.3, output: 2.5 },
  ],
  [
    { prompt: '3e-7', completion: '0', request: '0' },
    { input: 0.3, output: 0 },
  ],
  [
    { prompt: '0.000003', completion: '0.000015', input_cache_read: '0.0000003' },
    { input: 3, cached_input: 0.3, output: 15 },
  ],
  [{ prompt: '-1', completion: '-1' }, undefined],
  [{ prompt: '0.000003' }, undefined],
  [{ prompt: '0.000003', completion: '0.000015', request: '0.01' }, undefined],
  [{ prompt: '2', completion: '2' }, undefined],
  [{ prompt: 'NaN', completion: '1' }, undefined],
  [{ prompt: 0.18, completion: 0.18 }, undefined],
  ['free', undefined],
  [null, undefined],
])('reads %j', (pricing, price) => {
  expect(readPrice(pricing).price).toEqual(price)
})
