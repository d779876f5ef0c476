import { describe, expect, it } from 'vitest'
import { parseExact } from '../../../../src/contract/exactJson.ts'
import { fieldsOf, typedOf, valueOf } from './schemaFields.ts'

const SCHEMA = {
  type: 'object',
  properties: {
    order: { type: 'string', description: 'Its number' },
    id: { type: 'integer', title: 'Customer' },
    notify: { type: 'boolean' },
    currency: { type: 'string', enum: ['EUR', 'USD'] },
    items: { type: 'array', items: { type: 'string' } },
  },
  required: ['order'],
}

const VALUE = parseExact(
  '{"order":"1024","id":9007199254740993,"notify":true,"currency":"EUR","more":{"a":1}}',
)

describe('the form of a schema', () => {
  const fields = fieldsOf(SCHEMA, VALUE) ?? []

  it('has a field for each member, including those that the schema does not name', () => {
    expect(fields.map(({ name, kind, required }) => [name, kind, required])).toEqual([
      ['order', 'text', true],
      ['id', 'number', false],
      ['notify', 'boolean', false],
      ['currency', 'choice', false],
      ['items', 'json', false],
      ['more', 'json', false],
    ])
    expect(fields[1]?.title).toBe('Customer')
  })

  it('returns its input unchanged, digit by digit', () => {
    const read = valueOf(fields, typedOf(fields, VALUE))
    expect(read.ok && JSON.stringify(read.value)).toBe(JSON.stringify(VALUE))
  })

  it('leaves out missing values, and reports invalid ones', () => {
    expect(valueOf(fields, { order: '', id: ' ' })).toEqual({ ok: true, value: { order: '' } })
    expect(valueOf(fields, { id: 'many', items: '[1', currency: '"EUR"' })).toEqual({
      ok: false,
      faults: [
        { name: 'id', fault: 'Enter a number' },
        { name: 'items', fault: 'Enter valid JSON' },
      ],
    })
  })
})

it.each([[{}], [{ type: 'object' }], [{ properties: {} }]])('there is no form for %j', (schema) => {
  expect(fieldsOf(schema, {})).toBeUndefined()
})
