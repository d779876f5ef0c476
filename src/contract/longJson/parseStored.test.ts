import { expect, it } from 'vitest'
import { parseExact } from '../exactJson.ts'
import { parseStored } from './parseLong.ts'

const LONG = 100_000

it.each([
  ['numbers with exponents', `[${'1e5,'.repeat(LONG)}1]`],
  ['numbers that lose digits', `[${'1234567890123456789,'.repeat(30_000)}1]`],
  ['a long number', `{"a":1${'0'.repeat(LONG)}1}`],
  ['a long text', JSON.stringify({ a: 'ü"\\'.repeat(LONG), __proto__: 1 })],
  [
    'objects',
    JSON.stringify(Array.from({ length: 5_000 }, (_, n) => ({ n, list: [n, { n }], text: `${n}` }))),
  ],
  ['a short one', '{"id":1234567890123456789}'],
])('parses %s as parseExact does', async (_, json) => {
  expect(JSON.stringify(await parseStored(Buffer.from(json)))).toBe(JSON.stringify(parseExact(json)))
})

it('leaves turns of the event loop to others', async () => {
  let turns = 0
  let isDone = false
  const count = (): void => {
    turns += 1
    if (!isDone) setImmediate(count)
  }
  setImmediate(count)
  await parseStored(Buffer.from(`[${'1e5,'.repeat(250_000)}1]`))
  isDone = true
  // At least one for each 8 KiB of a megabyte.
  expect(turns).toBeGreaterThan(100)
})
