import { post, signatureIn, type HandshakeSample, type Sample } from './sample.ts'

const BODY = JSON.stringify({
  specversion: '1.0',
  type: 'com.example.order.created',
  source: '/shop',
  id: 'A234-1234-1234',
  subject: 'order/1024',
  datacontenttype: 'application/json',
  data: { order: 1024 },
})

export const askForOrigin: HandshakeSample = {
  send: () => ({
    method: 'OPTIONS',
    search: '',
    headers: { 'webhook-request-origin': 'eventemitter.example.com', 'webhook-request-rate': '120' },
    body: '',
  }),
  answer: () => ({
    status: 200,
    body: '',
    headers: {
      allow: 'POST',
      'webhook-allowed-origin': 'eventemitter.example.com',
      'webhook-allowed-rate': '120',
    },
  }),
}

export const cloudevents: Sample = {
  secrets: ['an access token', 'the next access token'],
  send: ({ secret, body = BODY }) => post({ authorization: `Bearer ${secret}` }, body),
  needs: ['authorization'],
  withSignature: signatureIn('authorization', 'Bearer '),
  expected: {
    event: 'com.example.order.created',
    eventId: '/shop.A234-1234-1234',
    object: 'order/1024',
  },
  handshakes: [askForOrigin],
}
