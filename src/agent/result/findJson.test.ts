import { describe, expect, it } from 'vitest'
import { expectLinear } from '../../../test/harness/linear.ts'
import { findJson } from './findJson.ts'

describe('the JSON in a text', () => {
  it.each([
    ['alone', '{"a":1}'],
    ['in a fence', '```json\n{"a":1}\n```'],
    ['in a fence with a name in capitals', '```JSON\n{"a":1}\n```'],
    ['in a fence without a name', '```\n{"a":1}\n```'],
    ['in a fence within prose', 'Here it is:\n```json\r\n{"a":1}\r\n```\nDone.'],
    ['behind prose', 'The answer is {"a":1}'],
    ['before prose', '{"a":1}\n\nI chose 1.'],
    ['within prose that has brackets of its own', 'Of {these} and [those]: {"a":1} (ok).'],
  ])('is found %s', (_, text) => {
    expect(findJson(text)).toEqual({ a: 1 })
  })

  it('may hold brackets in its texts', () => {
    expect(findJson('So: {"a":"}\\"{","b":[{}]}')).toEqual({ a: '}"{', b: [{}] })
  })

  it('keeps the digits of its numbers', () => {
    expect(JSON.stringify(findJson('```\n{"id":1234567890123456789}\n```'))).toBe(
      '{"id":1234567890123456789}',
    )
  })

  it.each([
    ['prose', 'I am fine.'],
    ['two of them', '{"a":1} or {"a":2}'],
    ['two fences', '```json\n{"a":1}\n```\n```json\n{"a":2}\n```'],
    ['one that does not end', 'So: {"a":1'],
    ['many brackets', '['.repeat(100_000)],
  ])('is not there: %s', (_, text) => {
    expect(findJson(text)).toBeUndefined()
  })
})

it.each([
  ['spaces after a fence', (length: number) => '```' + ' '.repeat(length)],
  ['letters after a fence', (length: number) => '```' + 'a'.repeat(length)],
  ['words after a fence', (length: number) => '```' + 'a '.repeat(length / 2)],
  ['fences', (length: number) => '```'.repeat(length / 3)],
  ['fences that start', (length: number) => '```\n`'.repeat(length / 5)],
  ['backticks', (length: number) => '`'.repeat(length)],
  ['brackets', (length: number) => '['.repeat(length)],
  ['objects in brackets', (length: number) => '[' + '{} '.repeat(length / 3)],
])('takes time in proportion to the length of the text: %s', async (_, textOf) => {
  await expectLinear(textOf, findJson)
})
