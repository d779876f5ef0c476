import { expect, it } from 'vitest'
import { demoValue } from './demoValue.ts'

/** The JSON of the value that is made for a schema. */
const made = (schema: object): string => JSON.stringify(demoValue(schema, 'text'))

it('makes what a schema describes', () => {
  const item = {
    type: 'object',
    properties: { id: { type: 'integer', minimum: 3 }, tag: { const: 'a' } },
    required: ['id', 'tag'],
  }
  const schema = {
    type: 'object',
    properties: { list: { type: 'array', minItems: 2, items: { $ref: '#/$defs/item' } }, note: {} },
    $defs: { item },
  }
  expect(demoValue(schema, 'text')).toEqual({
    list: [
      { id: 3, tag: 'a' },
      { id: 3, tag: 'a' },
    ],
    note: 'text',
  })
})

const LENGTH = 1_000_000_000

/** A list of lists of lists. */
const lists = (depth: number, items: unknown): object => ({
  type: 'array',
  minItems: LENGTH,
  items: depth === 0 ? items : lists(depth - 1, items),
})

const names = Array.from({ length: 20 }, (_, index) => `field_${index}`)

it.each([
  ['a list', lists(0, { type: 'string' })],
  ['a list of anything', lists(0, true)],
  ['lists in lists', lists(6, { type: 'integer' })],
  ['long strings', lists(0, { type: 'string', minLength: LENGTH })],
  ['a long constant', lists(0, { const: 'x'.repeat(50_000) })],
  [
    'a schema that refers to itself many times',
    {
      type: 'object',
      required: names,
      properties: Object.fromEntries(names.map((name) => [name, { $ref: '#' }])),
    },
  ],
])('%s does not become endless', (_name, schema) => {
  const { length } = made(schema)
  expect(length).toBeGreaterThan(1_000)
  expect(length).toBeLessThan(2_000_000)
})
