import { expect, it } from 'vitest'
import { ExactNumber, parseExact } from '../../contract/exactJson.ts'
import { restoreLinks } from './restoreLinks.ts'

const HIDDEN = ['webhook', 'account'] as const
const SECRET = 'https://bells.example/api/webhooks/agents/secret'
const MASKED = 'https://bells.example/api/webhooks/agents/***'

it('gives unchanged texts their links again, at any depth', () => {
  const own = { a: [`Call ${SECRET}`, 'b'], [SECRET]: { c: SECRET }, n: parseExact('820982911946154508') }
  const given = {
    a: [`Call ${MASKED}`, 'changed', 'more'],
    [MASKED]: { c: MASKED, d: 1 },
    n: parseExact('820982911946154509'),
  }
  const restored = restoreLinks(given, own, HIDDEN)
  expect(restored).toEqual({
    a: [`Call ${SECRET}`, 'changed', 'more'],
    [SECRET]: { c: SECRET, d: 1 },
    n: given.n,
  })
  expect(restored.n).toBeInstanceOf(ExactNumber)
})

it('refuses a text that would lose its link', () => {
  for (const own of [SECRET, undefined, { a: SECRET }]) {
    expect(() => restoreLinks({ 'a/b': [`Now ${MASKED}`] }, { 'a/b': [own] }, HIDDEN, '/arguments')).toThrow(
      expect.objectContaining({
        code: 'schema_invalid',
        options: { errors: [{ pointer: '/arguments/a~1b/0', detail: expect.stringContaining('(***)') }] },
      }),
    )
  }
})

it('keeps what is not hidden, and stars that were stored', () => {
  const given = { a: MASKED, b: '*** and https://bells.example/api/callbacks/***' }
  expect(restoreLinks(given, given, HIDDEN)).toEqual(given)
  expect(restoreLinks(given, { a: SECRET }, [])).toBe(given)
})
