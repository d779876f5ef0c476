import { expect, it } from 'vitest'
import { expectLinear } from '../../test/harness/linear.ts'
import { objectNames } from './objectNames.ts'

it.each([
  ['https://x.example/issues/7#note_30412', ['https://x.example/issues/7#note_30412', '30412']],
  ['https://x.example/issues/7//', ['https://x.example/issues/7']],
  ['https://x.example/30412/', ['https://x.example/30412', '30412']],
  ['issues/7/', ['issues/7/']],
])('knows an object by its URL and by the id at its end: %s', (object, names) => {
  expect(objectNames(object)).toEqual(names)
})

it.each([
  ['slashes', '/'],
  ['digits', '1'],
  ['digits and slashes', '11111/'],
])('takes time in proportion to the length of a URL: %s', async (_, part) => {
  await expectLinear((length) => `https://${part.repeat(length / part.length)}x`, objectNames)
})
