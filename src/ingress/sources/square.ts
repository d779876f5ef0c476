import { hmac } from '../schemes/hmac.ts'
import { secretField } from './fields.ts'
import { field } from './locator.ts'
import { hasHeader } from './recognise.ts'
import type { Source } from './source.ts'

export const square: Source = {
  name: 'square',
  title: 'Square',
  about: 'Payments, orders, invoices, bookings and customers.',
  reference: 'https://developer.squareup.com/docs/webhooks/overview',
  scheme: hmac({
    header: 'X-Square-HmacSha256-Signature',
    algorithm: 'sha256',
    encoding: 'base64',
    signed: '{url}{body}',
  }),
  fields: [
    secretField(
      'Signature key',
      'Webhooks → Subscriptions of the application, in the details of the subscription.',
    ),
  ],
  event: field('/type'),
  eventId: field('/event_id'),
  object: field('/data/id'),
  keptHeaders: [
    'Square-Environment',
    'Square-Initial-Delivery-Timestamp',
    'Square-Retry-Number',
    'Square-Retry-Reason',
  ],
  recognise: (headers) => hasHeader(headers, 'x-square-hmacsha256-signature'),
  setup: [
    'Square signs the URL as it calls it, so `BELLWIRE_PUBLIC_URL` must be the address that Square uses.',
    'In the Square Developer Console, open the application, then **Webhooks → Subscriptions**, and add a subscription with the notification URL `{url}` and the events that the agent is for.',
    'Copy the signature key from the details of the subscription, and save it as the secret of the webhook.',
  ],
}
