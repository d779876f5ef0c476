import { expect, it } from 'vitest'
import { preferredWait } from './prefer.ts'

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
