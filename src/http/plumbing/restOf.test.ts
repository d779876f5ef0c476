import { expect, it } from 'vitest'
import { restOf } from './restOf.ts'

it.each([
  ['', 'hello', 'hello'],
  ['hello', 'hello', ''],
  ['hel', 'hello', 'lo'],
  ['let me look. hel', 'hello', 'lo'],
  ['let me look. hello', 'hello', ''],
  ['something else', 'hello', '\n\nhello'],
  ['anything', '', ''],
])('after %j, %j lacks %j', (sent, whole, rest) => {
  expect(restOf(sent, whole)).toBe(rest)
})
