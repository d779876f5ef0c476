import { mac, post, signatureIn, type Sample } from './sample.ts'

const HEADER = 'x-hubspot-signature-v3'
const BODY = JSON.stringify([
  { eventId: 1, subscriptionType: 'contact.creation', objectId: 123, portalId: 62515 },
  { eventId: 2, subscriptionType: 'deal.creation', objectId: 456, portalId: 62515 },
])

export const hubspot: Sample = {
  secrets: ['yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy', 'zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz'],
  send({ secret, at, url, body = BODY }) {
    const time = String(at.getTime())
    return post(
      {
        'x-hubspot-request-timestamp': time,
        [HEADER]: mac('sha256', secret, `POST${url}${body}${time}`, 'base64'),
      },
      body,
    )
  },
  needs: [HEADER, 'x-hubspot-request-timestamp'],
  withSignature: signatureIn(HEADER),
  tolerance: 300,
  expected: { event: 'contact.creation,deal.creation', eventId: '1,2', object: '123,456' },
  events: 2,
}
