import { expect, it } from 'vitest'
import { redactText } from './redact.ts'

it('takes passwords out of URLs', () => {
  expect(redactText('at postgres://me:pa.ss+1@host:5432/x and https://host/a:b@c')).toBe(
    'at postgres://***@host:5432/x and https://host/a:b@c',
  )
})

it.each([
  'a.',
  'a',
  '://',
  'bearer ',
  '?key',
  'bw_',
  '/api/webhooks/agents/',
  '\\',
  '/api',
  '%25',
  'x:/',
  'gg',
])('takes time in proportion to a text that repeats %j', (piece) => {
  const text = piece.repeat(Math.ceil(1_000_000 / piece.length))
  const started = performance.now()
  redactText(text)
  expect(performance.now() - started).toBeLessThan(3_000)
})
