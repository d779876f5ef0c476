import { mac, post, signatureIn, type Sample } from './sample.ts'

const BODY =
  '{"id":820982911946154508,"admin_graphql_api_id":"gid://shopify/Order/820982911946154508","total_price":"403.00"}'

export const shopify: Sample = {
  secrets: ['hush', 'hush of the next rotation'],
  send: ({ secret, body = BODY }) =>
    post(
      {
        'x-shopify-topic': 'orders/create',
        'x-shopify-webhook-id': 'b54557e4-bdd9-4b37-8a5f-bf7d70bcd043',
        'x-shopify-shop-domain': 'example.myshopify.com',
        'x-shopify-hmac-sha256': mac('sha256', secret, body, 'base64'),
      },
      body,
    ),
  needs: ['x-shopify-hmac-sha256'],
  withSignature: signatureIn('x-shopify-hmac-sha256'),
  expected: {
    event: 'orders/create',
    eventId: 'b54557e4-bdd9-4b37-8a5f-bf7d70bcd043',
    object: 'gid://shopify/Order/820982911946154508',
  },
}
