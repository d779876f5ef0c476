import fc from 'fast-check'
import { expect, it } from 'vitest'
import { processorMs } from '../../../test/harness/processorTime.ts'
import { findOwnObjects } from './ownObjects.ts'

it.each([
  [
    'GitHub, through an HTTP tool',
    {
      status: 201,
      body: {
        url: 'https://api.github.com/repos/o/r/issues/comments/1',
        id: 1_892_377,
        issue_url: 'https://api.github.com/repos/o/r/issues/7',
        user: { id: 5, url: 'https://api.github.com/users/x' },
      },
    },
    ['https://api.github.com/repos/o/r/issues/comments/1', '1892377'],
  ],
  [
    'Slack',
    { status: 200, body: { ok: true, channel: 'C1', ts: '170.1', message: { ts: '170.1' } } },
    ['170.1'],
  ],
  [
    'GraphQL',
    { body: { data: { commentCreate: { success: true, comment: { id: 'c-1', issue: { id: 'i-1' } } } } } },
    ['c-1'],
  ],
  [
    'an MCP server, JSON in a text',
    { content: [{ type: 'text', text: '{"id":9007199254740993,"html_url":"https://x.example/7#c-1/"}' }] },
    ['https://x.example/7#c-1', '9007199254740993'],
  ],
  ['an MCP server, one URL in a text', 'Created https://x.example/7#c-1.', ['https://x.example/7#c-1']],
  ['a text with several URLs', 'Moved https://x.example/1 to https://x.example/2', []],
  ['several objects', [{ id: 'a' }, { id: 'b' }], ['a', 'b']],
  ['nothing', null, []],
])('%s', (_, result, names) => {
  expect(findOwnObjects(result)).toEqual(names)
})

it('ends soon, with few names, whatever it is given', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const names = findOwnObjects(value)
      expect(names.length).toBeLessThanOrEqual(50)
      for (const name of names) expect(name.length).toBeLessThanOrEqual(500)
    }),
  )
  const large = Array.from({ length: 1_000 }, () => Array.from({ length: 1_000 }, () => [[]]))
  const began = processorMs()
  findOwnObjects(large)
  expect(processorMs() - began).toBeLessThan(100)
})
