import { p256Key, publicKey } from '../schemes/publicKey.ts'
import { secretField } from './fields.ts'
import { fieldOfEach } from './locator.ts'
import { hasHeader } from './recognise.ts'
import type { Source } from './source.ts'

function keyOf(secret: string) {
  return p256Key(Buffer.from(secret.replace(/-----[A-Z ]+-----/g, ''), 'base64'))
}

export const sendgrid: Source = {
  name: 'sendgrid',
  title: 'SendGrid',
  about: 'Deliveries, opens, clicks, bounces and spam reports of email. One request carries many events.',
  reference:
    'https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features',
  scheme: publicKey({
    header: 'X-Twilio-Email-Event-Webhook-Signature',
    algorithm: 'ECDSA with SHA-256',
    encoding: 'base64',
    signed: '{timestamp}{body}',
    timestampHeader: 'X-Twilio-Email-Event-Webhook-Timestamp',
    key: keyOf,
  }),
  fields: [
    secretField(
      'Verification key',
      'Settings → Mail Settings → Event Webhooks → Security features, the public key.',
      {
        check: (secret) =>
          keyOf(secret)
            ? undefined
            : 'must be the verification key as SendGrid shows it: base64, beginning with MFkw',
      },
    ),
  ],
  event: fieldOfEach('', '/event'),
  eventId: fieldOfEach('', '/sg_event_id'),
  object: fieldOfEach('', '/sg_message_id'),
  batch: '',
  keptHeaders: ['X-Twilio-Email-Event-Webhook-Timestamp'],
  recognise: (headers) => hasHeader(headers, 'x-twilio-email-event-webhook-signature'),
  setup: [
    'In SendGrid, open **Settings → Mail Settings → Event Webhooks** and create a webhook with the URL `{url}`.',
    'Enable **Signed Event Webhook** under its security features, save, and copy the verification key. Save it as the secret of the webhook in Bellwire.',
    'SendGrid collects events and sends them as an array. Each of them becomes a task of its own; with `split: false` all of them are one.',
  ],
}
