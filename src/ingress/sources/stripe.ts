import { hmac } from '../schemes/hmac.ts'
import { readPairs } from '../schemes/signatureHeader.ts'
import { secretField } from './fields.ts'
import { field } from './locator.ts'
import { hasHeader } from './recognise.ts'
import type { Source } from './source.ts'

export const stripe: Source = {
  name: 'stripe',
  title: 'Stripe',
  about: 'Payments, disputes, subscriptions and every other event of an account.',
  reference: 'https://docs.stripe.com/webhooks',
  scheme: hmac({
    header: 'Stripe-Signature',
    algorithm: 'sha256',
    encoding: 'hex',
    read: (value) => readPairs(value, { timestamp: 't', signature: 'v1' }),
    signed: '{timestamp}.{body}',
    time: { toleranceSeconds: 300 },
  }),
  fields: [
    secretField('Signing secret', 'Begins with whsec_. Workbench shows it beside the event destination.'),
  ],
  event: field('/type'),
  eventId: field('/id'),
  object: field('/data/object/id'),
  keptHeaders: [],
  recognise: (headers) => hasHeader(headers, 'stripe-signature'),
  setup: [
    'In the Stripe Dashboard, open **Workbench → Webhooks** and add an event destination with the endpoint `{url}`.',
    'Choose the events that the agent is for.',
    'Copy the signing secret, which begins with `whsec_`, and save it as the secret of the webhook. While a secret is being rolled, save both.',
  ],
}
