import { expect, it } from 'vitest'
import { parseExact } from '../../../../src/contract/exactJson.ts'
import { tableOf } from './valueTable.ts'

it('turns a list of objects into rows, with all their columns', () => {
  expect(tableOf([{ a: 1 }, { b: [2], a: 3 }])).toEqual({
    kind: 'rows',
    columns: ['a', 'b'],
    rows: [
      [1, undefined],
      [3, [2]],
    ],
    more: 0,
  })
  expect(tableOf(Array.from({ length: 250 }, (_, id) => ({ id })))).toMatchObject({ more: 50 })
})

it('turns an object into members', () => {
  expect(tableOf({ a: { b: 1 } })).toEqual({ kind: 'members', members: [['a', { b: 1 }]] })
})

it.each([[[]], [{}], [[1, 2]], [['a', { b: 1 }]], ['text'], [null], [7], [parseExact('9007199254740993')]])(
  'makes no table of %j',
  (value) => {
    expect(tableOf(value)).toBeUndefined()
  },
)

it('makes no table that is wider than a page', () => {
  const wide = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`c${index}`, index]))
  expect(tableOf([wide])).toBeUndefined()
})
