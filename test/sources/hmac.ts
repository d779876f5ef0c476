import { mac, post, seconds, signatureIn, type Sample } from './sample.ts'

const BODY = '{"type":"lead.created","event_id":"e-1"}'

export const hmac: Sample = {
  secrets: ['s3cret', 's3cret of the next month'],
  hmac: {
    header: 'X-Acme-Signature',
    algorithm: 'sha512',
    encoding: 'base64',
    prefix: 'sha512=',
    signed: '{method}\n{url}\n{header:X-Acme-Nonce}\n{timestamp}\n{body}',
    timestamp_header: 'X-Acme-Time',
    tolerance_seconds: 120,
  },
  send({ secret, at, url, body = BODY }) {
    const time = seconds(at)
    const signed = `POST\n${url}\nn-1\n${time}\n${body}`
    return post(
      {
        'x-acme-time': time,
        'x-acme-nonce': 'n-1',
        'x-acme-signature': `sha512=${mac('sha512', secret, signed, 'base64')}`,
      },
      body,
    )
  },
  needs: ['x-acme-signature', 'x-acme-time', 'x-acme-nonce'],
  withSignature: signatureIn('x-acme-signature', 'sha512='),
  withBoth: (one, other) => ({
    ...one,
    headers: {
      ...one.headers,
      'x-acme-signature': `${one.headers['x-acme-signature']}, ${other.headers['x-acme-signature']}`,
    },
  }),
  tolerance: 120,
  expected: { event: 'lead.created', eventId: 'e-1' },
}
