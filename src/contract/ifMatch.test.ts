import { expect, it } from 'vitest'
import { isMatch, parseIfMatch } from './ifMatch.ts'

it.each([
  [undefined, '"1"', true],
  ['*', '"1"', true],
  ['"1"', '"1"', true],
  ['"2"', '"1"', false],
  [' "2" ,"1"', '"1"', true],
  ['W/"1"', '"1"', false],
  ['"1,2", "3"', '"1"', false],
  ['""', '""', true],
])('If-Match: %s with %s: %s', (header, etag, matches) => {
  expect(isMatch(parseIfMatch(header), etag)).toBe(matches)
})

it.each(['1', '"1', '1"', '', '"1" "2"', '"1",', '*, "1"', "'1'"])('%j is no list of tags', (header) => {
  expect(() => parseIfMatch(header)).toThrow(/with its quotes/)
})
