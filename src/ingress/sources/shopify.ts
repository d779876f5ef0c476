import { hmac } from '../schemes/hmac.ts'
import { secretField } from './fields.ts'
import { field, firstOf, header } from './locator.ts'
import { hasHeader } from './recognise.ts'
import type { Source } from './source.ts'

export const shopify: Source = {
  name: 'shopify',
  title: 'Shopify',
  about: 'Orders, customers, products and every other topic of a shop.',
  reference: 'https://shopify.dev/docs/apps/build/webhooks',
  scheme: hmac({
    header: ['X-Shopify-Hmac-Sha256', 'Shopify-Hmac-Sha256'],
    algorithm: 'sha256',
    encoding: 'base64',
    signed: '{body}',
  }),
  fields: [
    secretField(
      'Signing secret',
      'For webhooks of an app its client secret; for those of the shop admin the key shown below the list of webhooks.',
    ),
  ],
  event: header('X-Shopify-Topic', 'Shopify-Topic'),
  eventId: header('X-Shopify-Webhook-Id', 'Shopify-Webhook-Id'),
  object: firstOf(field('/admin_graphql_api_id'), field('/id')),
  keptHeaders: [
    'X-Shopify-Topic',
    'X-Shopify-Webhook-Id',
    'X-Shopify-Event-Id',
    'X-Shopify-Shop-Domain',
    'X-Shopify-API-Version',
    'X-Shopify-Triggered-At',
    'Shopify-Topic',
    'Shopify-Webhook-Id',
    'Shopify-Event-Id',
    'Shopify-Shop-Domain',
    'Shopify-API-Version',
    'Shopify-Triggered-At',
  ],
  recognise: (headers) => hasHeader(headers, 'x-shopify-topic', 'shopify-topic'),
  setup: [
    'In the Shopify admin, open **Settings → Notifications → Webhooks** and create a webhook for each event, with the format JSON and the URL `{url}`. An app subscribes in its own configuration instead.',
    'Copy the key that signs the webhooks, shown below the list (for an app: its client secret), and save it as the secret of the webhook. After a change of the client secret keep both for a while: Shopify may need an hour to use the new one.',
  ],
}
