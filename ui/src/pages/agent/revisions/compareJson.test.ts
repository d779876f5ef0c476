import { describe, expect, it } from 'vitest'
import { compareJson } from './compareJson.ts'

describe('two JSON values', () => {
  it('are the same', () => {
    expect(compareJson({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toEqual([])
  })

  it('differ at places with paths', () => {
    const before = { type: 'object', properties: { a: { type: 'string' }, b: {} }, required: ['a', 'b'] }
    const after = { type: 'object', properties: { a: { type: 'number' }, c: {} }, required: ['a'] }
    expect(compareJson(before, after)).toEqual([
      { path: 'properties.a.type', before: 'string', after: 'number' },
      { path: 'properties.b', before: {} },
      { path: 'properties.c', after: {} },
      { path: 'required[1]', before: 'b' },
    ])
  })

  it('match the members of a list by their names', () => {
    const look = { name: 'look', url: 'https://a.example' }
    const refund = { name: 'refund', url: 'https://b.example' }
    expect(compareJson([look, refund], [{ ...refund, url: 'https://c.example' }])).toEqual([
      { path: 'look', before: look },
      { path: 'refund.url', before: 'https://b.example', after: 'https://c.example' },
    ])
    expect(compareJson([look, look], [look])).toEqual([{ path: '[1]', before: look }])
  })

  it('differ as a whole where they are of different kinds, or only in their order', () => {
    expect(compareJson({ a: [] }, { a: {} })).toEqual([{ path: 'a', before: [], after: {} }])
    expect(compareJson(undefined, { a: 1 })).toEqual([{ path: '', after: { a: 1 } }])
    const [one, two] = [{ name: 'one' }, { name: 'two' }]
    expect(compareJson([one, two], [two, one])).toEqual([{ path: '', before: [one, two], after: [two, one] }])
  })
})
