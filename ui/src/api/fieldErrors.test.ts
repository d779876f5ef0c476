import { expect, it } from 'vitest'
import { ApiError } from './apiError.ts'
import { fieldErrors } from './fieldErrors.ts'

const FIELDS = ['name', 'tools', 'limits/max_steps'] as const

function errorsOf(errors: { pointer: string; detail: string }[]) {
  return fieldErrors(new ApiError(422, { errors }), FIELDS)
}

it('assigns errors to the fields', () => {
  expect(
    errorsOf([
      { pointer: '/name', detail: 'is missing' },
      { pointer: '/tools/0/url', detail: 'there is no secret X' },
      { pointer: '/tools/1/parameters/a~1b', detail: 'is no schema' },
      { pointer: '/limits/max_steps', detail: 'too small' },
    ]),
  ).toEqual({
    fields: {
      name: 'Is missing',
      tools: '[0].url: there is no secret X\n[1].parameters.a/b: is no schema',
      'limits/max_steps': 'Too small',
    },
    rest: [],
  })
})

it('assigns an error in the path to its field', () => {
  expect(errorsOf([{ pointer: '{name}', detail: 'use letters' }])).toEqual({
    fields: { name: 'Use letters' },
    rest: [],
  })
})

it('keeps errors that no field can show', () => {
  expect(
    errorsOf([
      { pointer: '/limits', detail: 'is missing' },
      { pointer: '', detail: 'is no object' },
      { pointer: '/names', detail: 'is not a known field' },
    ]).rest,
  ).toEqual(['limits: is missing', 'is no object', 'names: is not a known field'])
})

it('ignores other errors', () => {
  expect(fieldErrors(new Error('x'), FIELDS)).toEqual({ fields: {}, rest: [] })
  expect(fieldErrors(null, FIELDS)).toEqual({ fields: {}, rest: [] })
})
