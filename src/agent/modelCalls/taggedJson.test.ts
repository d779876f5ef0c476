import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromTaggedJson, toTaggedJson } from './taggedJson.ts'

function roundTrip(value: unknown): unknown {
  return fromTaggedJson(JSON.parse(JSON.stringify(toTaggedJson(value))))
}

describe('tagged JSON', () => {
  it.each([
    [{ at: new Date('2026-03-01T12:00:00.123Z') }],
    [[new Uint8Array([0, 1, 255]), new Uint8Array()]],
    [{ deep: [{ url: new URL('https://example.com/a?b#c') }] }],
    [{ $date: 'not a date' }],
    [{ $plain: { $bytes: new Date(0) } }],
    [{ $date: 1, more: 2 }],
    [JSON.parse('{"__proto__":{"a":1},"constructor":2}')],
  ])('gives back %o', (value) => {
    expect(roundTrip(value)).toEqual(value)
  })

  it('gives back anything', () => {
    const leaf = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.date({ noInvalidDate: true }),
      fc.uint8Array(),
      fc.webUrl().map((url) => new URL(url)),
    )
    const key = fc.oneof(fc.string(), fc.constantFrom('$date', '$bytes', '$url', '$plain'))
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie('value')),
        fc.dictionary(key, tie('value'), { noNullPrototype: true }),
      ),
    }))
    fc.assert(
      fc.property(value, (one) => {
        expect(roundTrip(one)).toEqual(one)
      }),
    )
  })

  it('does not copy what needs no change', () => {
    const value = { a: [1, { b: 'c' }], d: null }
    expect(toTaggedJson(value)).toBe(value)
    expect(fromTaggedJson(value)).toBe(value)
  })
})
