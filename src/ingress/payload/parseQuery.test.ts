import { describe, expect, it } from 'vitest'
import { readIdempotencyKey } from '../idempotencyKey.ts'
import { inboundRequest } from '../inboundRequest.ts'
import { parseQuery } from './parseQuery.ts'

describe('a query string', () => {
  it('gives lists for repeated keys', () => {
    expect({ ...parseQuery('a=1&b=x+y&a=2&a=3&c=') }).toEqual({ a: ['1', '2', '3'], b: 'x y', c: '' })
  })

  it('may hold names that objects have by nature', () => {
    expect(JSON.stringify(parseQuery('__proto__=1&constructor=2'))).toBe(
      '{"__proto__":"1","constructor":"2"}',
    )
  })

  it('keeps a question mark that its first name starts with', () => {
    expect({ ...parseQuery('?a=1') }).toEqual({ '?a': '1' })
  })

  it('is refused with a NUL character', () => {
    expect(() => parseQuery('a=%00')).toThrow(expect.objectContaining({ code: 'query_invalid' }))
  })
})

describe('an idempotency key', () => {
  it('is the same quoted and bare, and none when empty', () => {
    expect(readIdempotencyKey('"k-1"')).toBe('k-1')
    expect(readIdempotencyKey(' k-1 ')).toBe('k-1')
    expect(readIdempotencyKey('"a\\"b"')).toBe('a"b')
    expect(readIdempotencyKey('')).toBeUndefined()
    expect(readIdempotencyKey('""')).toBeUndefined()
    expect(readIdempotencyKey(undefined)).toBeUndefined()
  })

  it('has at most 256 characters', () => {
    expect(readIdempotencyKey('x'.repeat(256))).toHaveLength(256)
    expect(() => readIdempotencyKey('x'.repeat(257))).toThrow(
      expect.objectContaining({ code: 'idempotency_key_too_long' }),
    )
  })
})

it('keeps the headers that it knows, and no other: any may hold a secret', () => {
  const known = {
    'content-type': 'application/json',
    'user-agent': 'sender/1',
    'ce-type': 'order.paid',
    'x-event': 'e',
    'x-github-event': 'push',
    'x-github-delivery': 'd',
    'x-shopify-topic': 'orders/paid',
  }
  const secret = Object.fromEntries(
    [
      'authorization',
      'cookie',
      'x-gitlab-token',
      'x-api-key',
      'x-hub-signature-256',
      'x-auth-key',
      'x-functions-key',
      'ocp-apim-subscription-key',
      'x-jwt',
      'referer',
      'x-anything-else',
    ].map((name) => [name, 'secret']),
  )
  const request = inboundRequest({
    inbound: { method: 'POST' },
    headers: { ...known, ...secret },
    query: {},
    event: undefined,
  })
  expect(request.headers).toEqual(known)
})
