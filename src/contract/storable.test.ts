import { expect, it } from 'vitest'
import { parseExact } from './exactJson.ts'
import { findUnstorable, isStorable, toStorable } from './storable.ts'

it('finds the texts that cannot be kept, and mends them', () => {
  const value = { a: ['fine', 'b\0'], 'c\ud800': 1, d: { e: '\udc00x', f: '😀' }, g: null }
  expect(findUnstorable(value)).toEqual(['/a/1', '', '/d/e'])
  expect(isStorable(value)).toBe(false)
  const mended = toStorable(value)
  expect(isStorable(mended)).toBe(true)
  expect(findUnstorable(mended)).toEqual([])
  expect(mended).toMatchObject({ a: ['fine', 'b\\u0000'], d: { e: '\ufffdx', f: '😀' }, g: null })
  expect(toStorable(['key sk-1'], (text) => text.replace('sk-1', '***'))).toEqual(['key ***'])
})

it('keeps the digits of numbers', () => {
  const text = '{"id":1234567890123456789}'
  expect(JSON.stringify(toStorable(parseExact(text)))).toBe(text)
})
