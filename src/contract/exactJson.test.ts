import { describe, expect, it } from 'vitest'
import { expectLinear } from '../../test/harness/linear.ts'
import { canonicalJson, ExactNumber, isSameJson, parseExact, toPlainNumbers } from './exactJson.ts'

describe('numbers', () => {
  it.each([
    '1234567890123456789',
    '-9007199254740993',
    '0.1234567890123456789',
    '{"a":[{"id":12345678901234567890.5}]}',
    '1e400',
    '9223372036854775807',
  ])('keep their digits: %s', (text) => {
    expect(JSON.stringify(parseExact(text))).toBe(text)
  })

  it.each(['1', '1.50', '1e3', '100000000000000000000', '9007199254740992', '0.1', '-0', '1E+2', '0.000'])(
    'that JavaScript can hold are numbers: %s',
    (text) => {
      expect(parseExact(`[${text},"1234567890123456789"]`)).toEqual([Number(text), '1234567890123456789'])
    },
  )

  it('can be written as a text, compared, and made plain', () => {
    const id = parseExact('1234567890123456789')
    expect(id).toBeInstanceOf(ExactNumber)
    expect(String(id)).toBe('1234567890123456789')
    expect(Number(id)).toBe(1234567890123456800)
    const plain = { a: [1], b: 'x' }
    expect(toPlainNumbers(plain)).toBe(plain)
    expect(toPlainNumbers({ a: [id], b: 'x' })).toEqual({ a: [1234567890123456800], b: 'x' })
  })
})

it('says of a bad text what JSON.parse says', () => {
  expect(() => parseExact('{"a":1234567890123456789,}')).toThrow(SyntaxError)
})

it('compares values digit by digit, whatever the order of members', () => {
  const same = (a: string, b: string): boolean => {
    const isSame = isSameJson(parseExact(a), parseExact(b))
    expect(canonicalJson(parseExact(a)) === canonicalJson(parseExact(b))).toBe(isSame)
    return isSame
  }
  expect(same('{"a":9007199254740993,"b":[1,"x"]}', '{"b":[1,"x"],"a":9007199254740993}')).toBe(true)
  expect(same('9007199254740993.0', '9007199254740993')).toBe(true)
  expect(same('9007199254740993', '9007199254740995')).toBe(false)
  expect(same('9007199254740993', '9007199254740992')).toBe(false)
  expect(same('[1]', '{"0":1}')).toBe(false)
  expect(same('{"a":null}', '{"b":null}')).toBe(false)
  expect(same('{"a":{}}', '{"a":9007199254740993}')).toBe(false)
  expect(same('[-0,"1"]', '[0,"1"]')).toBe(true)
  expect(same('[1]', '["1"]')).toBe(false)
  expect(same('["9007199254740993"]', '[9007199254740993]')).toBe(false)
  expect(same('{"__proto__":1}', '{}')).toBe(false)
})

it.each([
  ['zeros between two digits', '1', '1'],
  ['zeros after a point', '0.', '1'],
  ['zeros before an exponent', '1', 'e5'],
  ['zeros at the end', '0.1', ''],
])('takes time in proportion to the length of a number: %s', async (_, start, end) => {
  await expectLinear((length) => `[${start}${'0'.repeat(length)}${end}]`, parseExact)
})
