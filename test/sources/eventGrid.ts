import { askForOrigin } from './cloudevents.ts'
import { post, signatureIn, type Sample } from './sample.ts'

const HEADER = 'x-webhook-secret'
const BODY = JSON.stringify([
  {
    id: '2d1781af-3a4c',
    topic: '/subscriptions/1/topics/orders',
    subject: 'orders/1024',
    eventType: 'Order.Created',
    data: { order: 1024 },
  },
])
const VALIDATION = JSON.stringify([
  {
    id: '2d1781af',
    eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
    data: { validationCode: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6' },
  },
])

export const eventGrid: Sample = {
  secrets: ['an event grid secret', 'the next event grid secret'],
  send: ({ secret, body = BODY }) => post({ 'aeg-event-type': 'Notification', [HEADER]: secret }, body),
  needs: [HEADER],
  withSignature: signatureIn(HEADER),
  expected: { event: 'Order.Created', eventId: '2d1781af-3a4c', object: 'orders/1024' },
  handshakes: [
    {
      send: ({ secret }) =>
        post({ 'aeg-event-type': 'SubscriptionValidation', [HEADER]: secret }, VALIDATION),
      answer: () => ({
        status: 200,
        json: { validationResponse: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6' },
      }),
    },
    askForOrigin,
  ],
}
