import { expect, it } from 'vitest'
import { isStrictSchema } from './strictSchema.ts'

const a = { type: 'string' }

it.each([
  [{ type: 'object', properties: { a }, required: ['a'], additionalProperties: false }],
  [{ type: 'array', items: { type: 'object', properties: {}, additionalProperties: false } }],
  [{ anyOf: [a, { type: 'null' }] }],
  [{ $defs: { a }, $ref: '#/$defs/a' }],
])('%o is strict', (schema) => {
  expect(isStrictSchema(schema)).toBe(true)
})

it.each([
  [{ type: 'object', properties: { a }, required: ['a'] }],
  [{ type: 'object', properties: { a }, additionalProperties: false }],
  [{ type: 'array', items: { type: 'object', properties: { a } } }],
  [{ anyOf: [a, { type: 'object' }] }],
  [{ allOf: [a] }],
  [{ $defs: { a: { type: 'object' } } }],
  [true],
])('%o is not', (schema) => {
  expect(isStrictSchema(schema)).toBe(false)
})
