import { post, signatureIn, type Sample } from './sample.ts'

const BODY = JSON.stringify({
  eventType: 'com.okta.event_hook',
  eventTypeVersion: '1.0',
  cloudEventsVersion: '0.1',
  eventId: '3ce3bb9a-8abf-4a05-91d8-3c4b0f6a2b6a',
  data: { events: [{ uuid: 'f790999f', eventType: 'user.lifecycle.create', target: [{ id: '00u1' }] }] },
})

export const okta: Sample = {
  secrets: ['an okta secret', 'the next okta secret'],
  send: ({ secret, body = BODY }) => post({ authorization: secret }, body),
  needs: ['authorization'],
  withSignature: signatureIn('authorization'),
  expected: {
    event: 'user.lifecycle.create',
    eventId: '3ce3bb9a-8abf-4a05-91d8-3c4b0f6a2b6a',
    object: '00u1',
  },
  handshakes: [
    {
      send: () => ({
        method: 'GET',
        search: '',
        headers: { 'x-okta-verification-challenge': 'my verification challenge' },
        body: '',
      }),
      answer: () => ({ status: 200, json: { verification: 'my verification challenge' } }),
    },
  ],
}
