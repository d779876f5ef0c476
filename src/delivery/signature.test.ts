import { expect, it } from 'vitest'
import { isSigningSecret } from '../contract/signingSecret.ts'
import { newSigningSecret, signatureHeaders } from './signature.ts'

it('signs as the specification of Standard Webhooks does', () => {
  // The example of the specification's own libraries.
  const headers = signatureHeaders({
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    time: new Date(1_614_265_330_000),
    body: Buffer.from('{"test": 2432232314}'),
    secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
  })
  expect(headers).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

it('signs with each secret while they are rotated', () => {
  const secrets = [newSigningSecret(), newSigningSecret()]
  const at = { id: 'msg_1', time: new Date(), body: Buffer.from('{}') }
  const both = signatureHeaders({ ...at, secrets })['webhook-signature']
  const each = secrets.map((secret) => signatureHeaders({ ...at, secrets: [secret] })['webhook-signature'])
  expect(both).toBe(each.join(' '))
})

it.each([
  ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', true],
  [newSigningSecret(), true],
  ['MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', false],
  ['whsec_c2hvcnQ=', false],
  [`whsec_${Buffer.alloc(65).toString('base64')}`, false],
  ['whsec_not base64 at all, although it is long enough', false],
])('%s is a secret: %s', (text, expected) => {
  expect(isSigningSecret(text)).toBe(expected)
})
