import { expect, it } from 'vitest'
import { showText, showValue } from './showStep.ts'

const KEY = 'sk-abcdefghijklmnop'

it('shows values without keys', () => {
  expect(showValue({ a: [`the key is ${KEY}`] })).toEqual({ a: ['the key is sk-***'] })
  expect(showText(`Bearer ${KEY}`)).not.toContain('abcdefgh')
})

it('cuts what is long, and shows no part of a key that stands at the cut', () => {
  const long = `${'x '.repeat(32_765)}${KEY} and more ${'y'.repeat(100_000)}`
  expect(showText(long)).toContain(` (${long.length} characters)`)
  expect(showText(long)).not.toContain('sk-ab')
  expect(JSON.stringify(showValue(long))).not.toContain('sk-ab')
  expect(showValue(long)).toMatchObject({ truncated: true, characters: long.length + 2 })
})
