import { mac, post, seconds, signatureIn, type Delivery, type Sample, type Sending } from './sample.ts'

const BODY = JSON.stringify({
  type: 'event_callback',
  team_id: 'T123ABC456',
  api_app_id: 'A123ABC456',
  event_id: 'Ev123ABC456',
  event_time: 1_760_000_000,
  event: {
    type: 'app_mention',
    user: 'U123ABC456',
    text: 'what is our plan?',
    ts: '1760000000.000200',
    channel: 'C123',
  },
})

function send({ secret, at, body = BODY }: Sending): Delivery {
  const timestamp = seconds(at)
  return post(
    {
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${mac('sha256', secret, `v0:${timestamp}:${body}`)}`,
    },
    body,
  )
}

export const slack: Sample = {
  secrets: ['8f742231b10e8888abcd99yyyzzz85a5', '8f742231b10e8888abcd99yyyzzz85a6'],
  send,
  needs: ['x-slack-signature', 'x-slack-request-timestamp'],
  withSignature: signatureIn('x-slack-signature', 'v0='),
  tolerance: 300,
  expected: {
    event: 'app_mention',
    eventId: 'Ev123ABC456',
    object: 'C123.1760000000.000200',
    part: '1760000000.000200',
  },
  handshakes: [
    {
      send: (sending) =>
        send({
          ...sending,
          body: '{"token":"Jhj5dZrVaK7ZwHHjRyZWjbDl","challenge":"3eZbrw1aB10dU","type":"url_verification"}',
        }),
      answer: () => ({ status: 200, body: '3eZbrw1aB10dU' }),
    },
  ],
}
