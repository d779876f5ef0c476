import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hasMoreValues } from './countValues.ts'

function count(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce((sum: number, part) => sum + count(part), 1)
}

it('counts no fewer values than there are, and few more', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const json = Buffer.from(JSON.stringify(value))
      const values = count(value)
      // An empty list or object counts as two.
      expect(hasMoreValues(json, 2 * values)).toBe(false)
      if (values > 1 && json.length >= 2 * values) expect(hasMoreValues(json, values - 1)).toBe(true)
    }),
  )
})

it('takes what is in strings for what it is', () => {
  const text = JSON.stringify({ a: '[,,,{"\\\\"'.repeat(100), 'b",[': '\\' })
  expect(hasMoreValues(Buffer.from(text), 4)).toBe(false)
  expect(hasMoreValues(Buffer.from('[1,2,3,4,5]'), 5)).toBe(true)
})
