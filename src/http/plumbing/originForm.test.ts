import { expect, it } from 'vitest'
import { originForm } from './originForm.ts'

it.each([
  ['/a?b=1', '/a?b=1'],
  ['//a', '//a'],
  ['http://x', '/'],
  ['http://x?b=1', '/?b=1'],
  ['HTTP://x:80/a//b?c=http://y', '/a//b?c=http://y'],
  ['https://[::1]:8443/a', '/a'],
  ['*', '*'],
  ['x:80', 'x:80'],
  [undefined, '/'],
])('%s is %s', (target, expected) => {
  expect(originForm(target)).toBe(expected)
})
