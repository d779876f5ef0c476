import { expect, it } from 'vitest'
import { preferredWait, prefersStream } from './prefer.ts'

it.each([
  [undefined, undefined],
  ['respond-async', undefined],
  ['await=5', undefined],
  ['wait=10', 10],
  ['respond-async, wait=10', 10],
  ['wait="7"; foo', 7],
  ['wait', 60],
  ['WAIT=3600', 60],
  ['wait=-1', undefined],
])('reads %j as %j seconds', (header, seconds) => {
  expect(preferredWait(header)).toBe(seconds)
})

it.each([
  [undefined, false],
  ['', false],
  ['wait=10', false],
  ['streams', false],
  ['stream=no', false],
  ['stream', true],
  ['wait=10, Stream', true],
  [['wait', 'stream'], true],
])('finds in %j the wish to follow: %s', (header, wished) => {
  expect(prefersStream(header)).toBe(wished)
})
