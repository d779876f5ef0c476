import { describe, expect, it } from 'vitest'
import { coerceArguments } from './coerceArguments.ts'

const parameters = {
  type: 'object',
  properties: {
    q: { type: 'string' },
    limit: { type: 'integer' },
    share: { type: ['number', 'null'] },
    exact: { type: 'boolean' },
    tags: { type: 'array', items: { type: 'integer' } },
    filter: { $ref: '#/$defs/filter' },
    any: {},
    either: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
    code: { type: ['string', 'integer'] },
  },
  required: ['q', 'filter'],
  $defs: { filter: { type: 'object', properties: { min: { type: 'number' } } } },
}

describe('arguments are read as they were meant', () => {
  it.each([
    [{ limit: '5' }, { limit: 5 }],
    [{ limit: ' -5 ' }, { limit: -5 }],
    [{ limit: '5.0' }, { limit: 5 }],
    [{ share: '0.25' }, { share: 0.25 }],
    [{ share: 'null' }, { share: null }],
    [{ exact: 'true' }, { exact: true }],
    [{ tags: '["1", 2]' }, { tags: [1, 2] }],
    [{ tags: ['1', 2] }, { tags: [1, 2] }],
    [{ filter: '{"min": "3"}' }, { filter: { min: 3 } }],
    [{ filter: { min: null } }, { filter: {} }],
    [{ limit: null, tags: null, exact: null }, {}],
  ])('%o', (args, expected) => {
    expect(coerceArguments(parameters, args)).toEqual(expected)
  })

  it.each([
    [{ limit: 5, q: '5', share: null, any: '5', either: null, code: '5' }],
    // Could mean several things, or nothing.
    [{ limit: '5.5' }],
    [{ limit: 'five' }],
    [{ limit: '' }],
    [{ exact: 'yes' }],
    [{ exact: 1 }],
    [{ tags: '1, 2' }],
    [{ tags: '{"a": 1}' }],
    [{ q: 5 }],
    [{ q: null, filter: null }],
    [{ unknown: null }],
    ['text'],
    [null],
  ])('%o stays as it is', (args) => {
    expect(coerceArguments(parameters, args)).toEqual(args)
  })

  it('a number in a text keeps its digits', () => {
    const parameters = { type: 'object', properties: { limit: { type: 'integer' } } }
    const read = coerceArguments(parameters, { limit: '12345678901234567890' })
    expect(JSON.stringify(read)).toBe('{"limit":12345678901234567890}')
  })
})
