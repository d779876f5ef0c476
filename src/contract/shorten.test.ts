import { expect, it } from 'vitest'
import { shorten } from './shorten.ts'

it.each([
  ['short', 5, 'short'],
  ['longer', 5, 'long…'],
  // A family, a flag, a letter with an accent of its own, half a pair.
  ['ab👨‍👩‍👧‍👦', 6, 'ab…'],
  ['ab🇩🇪🇫🇷x', 7, 'ab🇩🇪…'],
  ['abe\u0301x', 4, 'ab…'],
  ['a\ud83d', 2, 'a\ufffd'],
  ['x'.repeat(300), 100, `${'x'.repeat(99)}…`],
  [`e${'\u0301'.repeat(300)}`, 10, `e${'\u0301'.repeat(8)}…`],
])('shortens %j to %i', (text, length, short) => {
  expect(shorten(text, length)).toBe(short)
})
