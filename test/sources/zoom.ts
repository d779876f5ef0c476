import { mac, post, seconds, signatureIn, type Delivery, type Sample, type Sending } from './sample.ts'

const BODY = JSON.stringify({
  event: 'recording.transcript_completed',
  event_ts: 1_760_000_000_000,
  payload: { account_id: 'abc', object: { uuid: '4444AAAiAAAAAiAiAiiAii==', id: 12345, topic: 'Weekly' } },
})

function send({ secret, at, body = BODY }: Sending): Delivery {
  const time = seconds(at)
  return post(
    {
      'x-zm-request-timestamp': time,
      'x-zm-signature': `v0=${mac('sha256', secret, `v0:${time}:${body}`)}`,
    },
    body,
  )
}

export const zoom: Sample = {
  secrets: ['zoom secret token', 'another zoom secret token'],
  send,
  needs: ['x-zm-signature', 'x-zm-request-timestamp'],
  withSignature: signatureIn('x-zm-signature', 'v0='),
  tolerance: 300,
  expected: {
    event: 'recording.transcript_completed',
    eventId: 'recording.transcript_completed.1760000000000.4444AAAiAAAAAiAiAiiAii==',
    object: '4444AAAiAAAAAiAiAiiAii==',
  },
  handshakes: [
    {
      send: (sending) =>
        send({
          ...sending,
          body: '{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1654503849680,"event":"endpoint.url_validation"}',
        }),
      answer: ({ secret }) => ({
        status: 200,
        json: {
          plainToken: 'qgg8vlvZRS6UYooatFL8Aw',
          encryptedToken: mac('sha256', secret, 'qgg8vlvZRS6UYooatFL8Aw'),
        },
      }),
    },
  ],
}
