import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hasMoreValues } from './countValues.ts'

function count(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce((sum: number, part) => sum + count(part), 1)
}

it('counts no fewer values than there are, and few more', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue({ stringUnit: 'binary' }), async (value) => {
      const json = Buffer.from(JSON.stringify(value))
      const values = count(value)
      // An empty list or object counts as two.
      expect(await hasMoreValues(json, 2 * values, 3)).toBe(false)
      if (values > 1 && json.length >= 2 * values) expect(await hasMoreValues(json, values - 1, 3)).toBe(true)
    }),
  )
})

it('takes what is in strings for what it is', async () => {
  const text = JSON.stringify({ a: '[,,,{"\\\\"'.repeat(100), 'b",[': '\\' })
  expect(await hasMoreValues(Buffer.from(text), 4)).toBe(false)
  expect(await hasMoreValues(Buffer.from('[1,2,3,4,5]'), 5)).toBe(true)
})
