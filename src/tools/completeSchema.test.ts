import { expect, it } from 'vitest'
import { completeSchema } from './completeSchema.ts'

it.each([
  [{ type: 'object' }, { type: 'object', properties: {} }],
  [
    { type: 'object', properties: { a: { type: ['array', 'null'] }, b: { type: 'object' } } },
    {
      type: 'object',
      properties: { a: { type: ['array', 'null'], items: {} }, b: { type: 'object', properties: {} } },
    },
  ],
  [
    {
      anyOf: [{ type: 'array', items: { type: 'object' } }, true],
      $defs: { x: { type: 'array', prefixItems: [] } },
    },
    {
      anyOf: [{ type: 'array', items: { type: 'object', properties: {} } }, true],
      $defs: { x: { type: 'array', prefixItems: [] } },
    },
  ],
  // What looks like a schema and is data stays as it is.
  [
    { enum: [{ type: 'object' }], default: { type: 'array' } },
    { enum: [{ type: 'object' }], default: { type: 'array' } },
  ],
])('%o', (schema, expected) => {
  expect(completeSchema(schema)).toEqual(expected)
})
