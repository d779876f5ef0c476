import { checkStandardSecret, standardWebhooksScheme } from '../schemes/standardWebhooks.ts'
import { secretField } from './fields.ts'
import { field, firstOf, header } from './locator.ts'
import { hasHeader } from './recognise.ts'
import type { Source } from './source.ts'

export const standardWebhooks: Source = {
  name: 'standard_webhooks',
  title: 'Standard Webhooks',
  about: 'Every sender that follows the Standard Webhooks specification, those that use Svix among them.',
  reference: 'https://www.standardwebhooks.com',
  scheme: standardWebhooksScheme,
  fields: [
    secretField(
      'Signing secret',
      'Begins with whsec_; a public key begins with whpk_. The sender shows it beside the endpoint.',
      { check: checkStandardSecret },
    ),
  ],
  event: firstOf(field('/type'), field('/event_type'), field('/eventType')),
  eventId: header('webhook-id', 'svix-id'),
  object: field('/data/id'),
  keptHeaders: ['webhook-id', 'webhook-timestamp', 'svix-id', 'svix-timestamp'],
  recognise: (headers) => hasHeader(headers, 'webhook-signature', 'svix-signature'),
  setup: [
    'Add an endpoint at the sender with the URL `{url}`.',
    'Copy its signing secret, which begins with `whsec_`, and save it as the secret of the webhook. While the sender rotates secrets, save both.',
  ],
}
