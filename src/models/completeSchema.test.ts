import { describe, expect, it } from 'vitest'
import { completeSchema } from './completeSchema.ts'

describe('a schema', () => {
  it.each<[object, object]>([
    [{ type: 'object' }, { type: 'object', properties: {} }],
    [{ type: 'array' }, { type: 'array', items: {} }],
    [{ type: ['object', 'null'] }, { type: ['object', 'null'], properties: {} }],
    [
      {
        type: 'object',
        properties: { a: { type: 'object' }, b: { type: 'array', items: { type: 'array' } } },
      },
      {
        type: 'object',
        properties: {
          a: { type: 'object', properties: {} },
          b: { type: 'array', items: { type: 'array', items: {} } },
        },
      },
    ],
    [
      {
        anyOf: [{ type: 'object' }],
        $defs: { x: { type: 'array' } },
        additionalProperties: { type: 'object' },
      },
      {
        anyOf: [{ type: 'object', properties: {} }],
        $defs: { x: { type: 'array', items: {} } },
        additionalProperties: { type: 'object', properties: {} },
      },
    ],
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
  ])('is completed: %o', (schema, completed) => {
    expect(completeSchema(schema)).toEqual(completed)
  })

  it.each<object>([
    { type: 'object', properties: {} },
    { type: 'array', prefixItems: [{ type: 'string' }] },
    { type: 'object', properties: { type: { const: 'object' } }, additionalProperties: false },
    // What looks like a schema and is data.
    { enum: [{ type: 'object' }], default: { type: 'array' } },
    {},
  ])('that is complete stays as it is: %o', (schema) => {
    expect(completeSchema(schema)).toBe(schema)
  })
})
