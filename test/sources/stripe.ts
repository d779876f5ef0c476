import { Stripe } from 'stripe'
import { post, seconds, type Sample } from './sample.ts'

const HEADER = 'stripe-signature'
const BODY = JSON.stringify({
  id: 'evt_1NG8Du2eZvKYlo2CUI79vXWy',
  object: 'event',
  api_version: '2026-01-28',
  type: 'charge.dispute.created',
  data: { object: { id: 'dp_1NG8Du2eZvKYlo2C', object: 'dispute', amount: 2000, reason: 'fraudulent' } },
})

const sdk = new Stripe('sk_test_only_for_signing')

export const stripe: Sample = {
  secrets: ['whsec_test_secret_of_an_endpoint', 'whsec_test_secret_after_rolling'],
  send: ({ secret, at, body = BODY }) =>
    post(
      {
        [HEADER]: sdk.webhooks.generateTestHeaderString({
          payload: body,
          secret,
          timestamp: Number(seconds(at)),
        }),
      },
      body,
    ),
  needs: [HEADER],
  withSignature(delivery, change) {
    const value = (delivery.headers[HEADER] ?? '').replace(
      /v1=(.*)$/,
      (_, signature: string) => `v1=${change(signature)}`,
    )
    return { ...delivery, headers: { ...delivery.headers, [HEADER]: value } }
  },
  withBoth(one, other) {
    const [, added = ''] = /(v1=.*)$/.exec(other.headers[HEADER] ?? '') ?? []
    return { ...one, headers: { ...one.headers, [HEADER]: `${one.headers[HEADER]},${added},v0=6ffbb59b` } }
  },
  tolerance: 300,
  expected: {
    event: 'charge.dispute.created',
    eventId: 'evt_1NG8Du2eZvKYlo2CUI79vXWy',
    object: 'dp_1NG8Du2eZvKYlo2C',
  },
}
