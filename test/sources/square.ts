import { mac, post, signatureIn, type Sample } from './sample.ts'

const HEADER = 'x-square-hmacsha256-signature'
const BODY = JSON.stringify({
  merchant_id: 'MLEFBHHSJGVHD',
  type: 'payment.created',
  event_id: 'ac3ac95b-f97d-458c-a6e6-18981597e05f',
  data: { type: 'payment', id: 'KkAkhdMsgzn59SM8A89WgKwekxLZY' },
})

export const square: Sample = {
  secrets: ['square signature key', 'next square signature key'],
  send: ({ secret, url, body = BODY }) =>
    post({ [HEADER]: mac('sha256', secret, url + body, 'base64') }, body),
  needs: [HEADER],
  withSignature: signatureIn(HEADER),
  expected: {
    event: 'payment.created',
    eventId: 'ac3ac95b-f97d-458c-a6e6-18981597e05f',
    object: 'KkAkhdMsgzn59SM8A89WgKwekxLZY',
  },
}
