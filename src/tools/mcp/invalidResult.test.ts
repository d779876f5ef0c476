import { expect, it } from 'vitest'
import { describeInvalidResult } from './invalidResult.ts'

const issue = (at: number) => ({
  code: 'invalid_type',
  expected: 'string',
  path: ['content', at, 'text'],
  message: 'Invalid input: expected string, received number',
})

it.each([
  [
    `Invalid result for tools/list: ${JSON.stringify([issue(0)], null, 2)}`,
    'the server returned an invalid result for tools/list: /content/0/text must be a string',
  ],
  [
    `Invalid result for tools/call: ZodError: ${JSON.stringify([0, 1, 2, 3, 4].map(issue), null, 2)}`,
    'the server returned an invalid result for tools/call: /content/0/text must be a string; ' +
      '/content/1/text must be a string; /content/2/text must be a string; and 2 more',
  ],
  [
    `Invalid result for tools/call: ${JSON.stringify([{ code: 'invalid_union', path: [], message: 'Invalid\ninput' }])}`,
    'the server returned an invalid result for tools/call: it is invalid (has none of the accepted forms)',
  ],
  [
    'Invalid result for tools/call: not an object',
    'the server returned an invalid result for tools/call: not an object',
  ],
  [
    'Another message,\nin two lines',
    'the server returned an invalid result for the request: Another message, in two lines',
  ],
])('describes %j', (message, text) => {
  expect(describeInvalidResult(message)).toBe(text)
})
