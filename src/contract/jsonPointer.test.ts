import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { valueAt, valueAtFragment } from './jsonPointer.ts'

const value = { 'a/b': [{ '~': 1 }], 'c d': { '%41': 2 }, '': 3 }

describe('valueAt', () => {
  it.each([
    ['', value],
    ['/a~1b/0/~0', 1],
    ['/', 3],
    ['/a~1b/length', undefined],
    ['/a~1b/00', undefined],
    ['/c d/%41', 2],
    ['/toString', undefined],
    ['/a~1b/0/~0/x', undefined],
  ])('follows "%s"', (pointer, expected) => {
    expect(valueAt(value, pointer)).toEqual(expected)
  })
})

describe('valueAtFragment', () => {
  it.each([
    ['#', value],
    ['#/a~1b/0/~0', 1],
    ['#/c%20d/%2541', 2],
    ['#/c d/%', undefined],
    ['#/a~1b/length', undefined],
  ])('follows "%s"', (fragment, expected) => {
    expect(valueAtFragment(value, fragment)).toEqual(expected)
  })

  it('finds every member by its encoded name', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const part = encodeURIComponent(name.toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1'))
        expect(valueAtFragment({ [name.toWellFormed()]: 'here' }, `#/${part}`)).toBe('here')
      }),
    )
  })
})
