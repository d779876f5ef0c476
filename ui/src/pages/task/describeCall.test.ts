import { expect, it } from 'vitest'
import { parseExact } from '../../../../src/contract/exactJson.ts'
import { describeArguments, describeCall } from './describeCall.ts'

it.each([
  [{ query: 'error 5' }, '"error 5"'],
  [{ id: 7 }, 'id: 7'],
  [{ repository: 'acme/shop', limit: 5 }, 'repository: "acme/shop", limit: 5'],
  [{}, ''],
  ['text', '"text"'],
  [{ long: 'x'.repeat(500), b: 1 }, `long: "${'x'.repeat(58)}…, b: 1`],
])('arguments %j are shown as %s', (args, text) => {
  expect(describeArguments(args)).toBe(text)
})

it.each([
  ['refund', { order: '1024', amount: 49, currency: 'EUR' }, 'refund: 49.00 EUR, order 1024'],
  ['refund', { amount: '0.125', currency: 'btc' }, 'refund: 0.125 BTC'],
  ['pay', { amount: 10, to: 'a1' }, 'pay: amount 10, to a1'],
  [
    'close_issue',
    { issueNumber: 7, notify_all: true, lock: false },
    'close_issue: issue number 7, notify all, not lock',
  ],
  ['run', {}, 'run'],
  ['send', { body: { a: [1] } }, 'send: body {"a":[1]}'],
])('%s with %j is "%s"', (tool, args, text) => {
  expect(describeCall(tool, args)).toBe(text)
})

it('keeps the digits of long numbers', () => {
  const args = parseExact('{"id":9007199254740993,"amount":12345678901234567.89,"currency":"EUR"}')
  expect(describeCall('pay', args)).toBe('pay: 12345678901234567.89 EUR, id 9007199254740993')
})
