import { hmac } from '../schemes/hmac.ts'
import { secretField } from './fields.ts'
import { field } from './locator.ts'
import { hasHeader } from './recognise.ts'
import type { Source } from './source.ts'

export const typeform: Source = {
  name: 'typeform',
  title: 'Typeform',
  about: 'Every response to a form, as it comes in.',
  reference: 'https://www.typeform.com/developers/webhooks/',
  scheme: hmac({
    header: 'Typeform-Signature',
    algorithm: 'sha256',
    encoding: 'base64',
    prefix: 'sha256=',
    signed: '{body}',
  }),
  fields: [secretField('Secret', 'The secret that you enter in the settings of the webhook at Typeform.')],
  event: field('/event_type'),
  eventId: field('/event_id'),
  object: field('/form_response/token'),
  keptHeaders: [],
  recognise: (headers) => hasHeader(headers, 'typeform-signature'),
  setup: [
    'Open the form, then **Connect → Webhooks → Add a webhook**, and enter `{url}`.',
    'Edit the webhook, enter a long random text as its secret, and save the same text as the secret of the webhook in Bellwire.',
    'Switch the webhook on.',
  ],
}
