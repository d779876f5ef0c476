import { mac, post, signatureIn, type Sample } from './sample.ts'

const HEADER = 'sentry-hook-signature'
const BODY = JSON.stringify({
  action: 'triggered',
  data: {
    event: {
      title: 'TypeError',
      issue_url: 'https://sentry.io/api/0/issues/1170820242/',
      issue_id: '1170820242',
    },
    triggered_rule: 'Very important',
  },
})

export const sentry: Sample = {
  secrets: ['sentry client secret', 'next sentry client secret'],
  send: ({ secret, at, body = BODY }) =>
    post(
      {
        'request-id': '62e4cb1a',
        'sentry-hook-resource': 'event_alert',
        'sentry-hook-timestamp': String(Math.floor(at.getTime() / 1000)),
        [HEADER]: mac('sha256', secret, body),
      },
      body,
    ),
  needs: [HEADER],
  withSignature: signatureIn(HEADER),
  expected: {
    event: 'event_alert',
    eventId: '62e4cb1a',
    object: 'https://sentry.io/api/0/issues/1170820242/',
  },
}
