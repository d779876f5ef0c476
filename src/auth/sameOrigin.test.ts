import { expect, it } from 'vitest'
import { isSameOrigin } from './sameOrigin.ts'

const PUBLIC_URL = 'https://bells.example/base'

it.each([
  [{}, undefined],
  [{ 'sec-fetch-site': 'same-origin' }, true],
  [{ 'sec-fetch-site': 'same-site' }, false],
  [{ 'sec-fetch-site': 'cross-site' }, false],
  [{ 'sec-fetch-site': 'none' }, false],
  [{ 'sec-fetch-site': 'cross-site', origin: 'https://bells.example' }, false],
  [{ origin: 'https://bells.example' }, true],
  [{ origin: 'http://bells.example', host: 'inner:7091' }, false],
  [{ origin: 'http://10.0.0.7:7091', host: '10.0.0.7:7091' }, true],
  [{ origin: 'http://10.0.0.7:8000', host: '10.0.0.7:7091' }, false],
  [{ origin: 'https://evil.example', host: 'bells.example' }, false],
  [{ origin: 'null', host: 'bells.example' }, false],
])('%j: %s', (headers, expected) => {
  expect(
    isSameOrigin({ headers, host: ('host' in headers && headers.host) || 'inner:7091' }, PUBLIC_URL),
  ).toBe(expected)
})
