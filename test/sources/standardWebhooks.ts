import { Webhook } from 'standardwebhooks'
import { post, seconds, signatureIn, type Sample } from './sample.ts'

const HEADER = 'webhook-signature'
const ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek'
const BODY = JSON.stringify({
  type: 'invoice.paid',
  timestamp: '2026-11-01T09:00:00Z',
  data: { id: 'in_42' },
})

export const standardWebhooks: Sample = {
  secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_QWxzbyAyNCBieXRlcyBvZiBhIGtleSE='],
  send: ({ secret, at, body = BODY }) =>
    post(
      {
        'webhook-id': ID,
        'webhook-timestamp': seconds(at),
        [HEADER]: new Webhook(secret).sign(ID, at, body),
      },
      body,
    ),
  needs: ['webhook-id', 'webhook-timestamp', HEADER],
  withSignature: signatureIn(HEADER, 'v1,'),
  withBoth: (one, other) => ({
    ...one,
    headers: { ...one.headers, [HEADER]: `${one.headers[HEADER]} v2,unknown ${other.headers[HEADER]}` },
  }),
  tolerance: 300,
  expected: { event: 'invoice.paid', eventId: ID, object: 'in_42' },
}
