import { expect, it } from 'vitest'
import { findPlace, splitPlace } from './templatePlace.ts'

it('takes the position off an error', () => {
  expect(splitPlace('undefined filter: shout (line 2, column 7)')).toEqual({
    detail: 'undefined filter: shout',
    place: { line: 2, column: 7 },
  })
  expect(splitPlace('it contains 3000 names')).toEqual({ detail: 'it contains 3000 names', place: undefined })
})

it('finds where a path is used', () => {
  const text = 'payload.a is the one.\n{{ payload.ab }} {{ x.payload.a }}\n  {{- payload.a | upcase }}'
  expect(findPlace(text, 'payload.a')).toEqual({ line: 3, column: 7 })
  expect(findPlace(text, 'payload.ab')).toEqual({ line: 2, column: 4 })
  expect(findPlace('{% if secrets.x %}', 'secrets')).toEqual({ line: 1, column: 7 })
  expect(findPlace(text, 'payload.c')).toBeUndefined()
})
