import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJson, prettyJson, tokens } from './json.ts'

describe('parseJson', () => {
  it('reads JSON', () => {
    expect(parseJson(' {"a":[1]} ')).toEqual({ ok: true, value: { a: [1] } })
  })

  it.each([
    ['', 'Enter JSON'],
    ['{\n  "a": nope\n}', 'line 2, column 8'],
    ['{"a": 1', 'unexpected end of input'],
    ['[1,]', 'line 1, column 4'],
    ['{"a": 1, b: 2}', 'line 1, column 10'],
    ['{} x', 'line 1, column 4'],
  ])('locates the error in %j', (text, words) => {
    expect(parseJson(text)).toEqual({ ok: false, error: expect.stringContaining(words) as string })
  })
})

describe('prettyJson', () => {
  it('keeps what fits on one line', () => {
    const long = 'x'.repeat(70)
    expect(prettyJson({ type: 'object', required: ['a', 'b'] })).toBe(
      '{ "type": "object", "required": ["a", "b"] }',
    )
    expect(prettyJson({ long, list: [1, 2], empty: {}, none: [] })).toBe(
      `{\n  "long": "${long}",\n  "list": [1, 2],\n  "empty": {},\n  "none": []\n}`,
    )
  })

  it('keeps the digits of long numbers', () => {
    const text = '{ "id": 1234567890123456789, "list": [0.12345678901234567891] }'
    const parsed = parseJson(text)
    expect(parsed.ok && prettyJson(parsed.value)).toBe(text)
  })

  it('round-trips any value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        expect(JSON.parse(prettyJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})

describe('tokens', () => {
  it('distinguishes keys, texts and values', () => {
    const kinds = tokens('{ "a": "b\\"c", "d": [-1.5e3, true, null] }').filter(({ kind }) => kind !== 'plain')
    expect(kinds).toEqual([
      { kind: 'key', text: '"a"' },
      { kind: 'text', text: '"b\\"c"' },
      { kind: 'key', text: '"d"' },
      { kind: 'value', text: '-1.5e3' },
      { kind: 'value', text: 'true' },
      { kind: 'value', text: 'null' },
    ])
  })

  it('loses nothing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        expect(
          tokens(text)
            .map((token) => token.text)
            .join(''),
        ).toBe(text)
      }),
    )
  })
})
