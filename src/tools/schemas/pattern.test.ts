import { describe, expect, it } from 'vitest'
import { compilePattern } from './pattern.ts'

const TEXTS = [
  '',
  'a',
  'ab',
  'AB',
  'a b',
  'a\u00a0b',
  '\v',
  '\r',
  '\u2028',
  '\n',
  'a\n',
  '.',
  '😀',
  'é',
  'я1',
  '٣',
  'aa',
  'x@y.io',
]

describe('a pattern means the same as in JavaScript', () => {
  it.each([
    '^\\s$',
    '^\\S+$',
    '^[^\\s]+$',
    '^[\\S]+$',
    '^.$',
    '^[.]$',
    '^\\.$',
    '^\\p{L}+$',
    '^[\\p{L}\\p{N}_-]{1,64}$',
    '^\\p{Script=Cyrillic}',
    '^\\d+$',
    'a$',
    '^a|b$',
    '\\bb\\b',
    '^[\\w.-]+@[\\w-]+\\.[a-z]{2,}$',
    '^(?=a)ab$',
    '^(a)\\1$',
    '^\\u{61}\\u0062?$',
    '\\ud83d\\ude00',
    '^(?:)$',
  ])('%s', (pattern) => {
    const native = new RegExp(pattern, 'u')
    const compiled = compilePattern(pattern, 'u')
    expect(TEXTS.filter((text) => compiled.test(text))).toEqual(TEXTS.filter((text) => native.test(text)))
  })
})

it.each(['^(a+)+$', '^(a|a)*$', '(?:a*)*b', '^(([a-z])+.)+[A-Z]([a-z])+$'])(
  'takes no longer for what would keep JavaScript busy for ever: %s',
  (pattern) => {
    const started = performance.now()
    expect(compilePattern(pattern, 'u').test(`${'a'.repeat(10_000)}!`)).toBe(false)
    expect(performance.now() - started).toBeLessThan(5_000)
  },
)

it('refuses what is no regular expression', () => {
  expect(() => compilePattern('(', 'u')).toThrow(SyntaxError)
})
