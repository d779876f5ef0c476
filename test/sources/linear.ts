import { mac, post, signatureIn, type Sample } from './sample.ts'

const COMMENT = {
  action: 'create',
  type: 'Comment',
  data: { id: '2174add1', body: 'Same here', issueId: '539068e2' },
  url: 'https://linear.app/octo/issue/OCT-7#comment-2174add1',
}

export const linear: Sample = {
  secrets: ['lin_wh_1', 'lin_wh_2'],
  send({ secret, at, body = JSON.stringify({ ...COMMENT, webhookTimestamp: at.getTime() }) }) {
    return post(
      {
        'linear-delivery': '234d1a4e-b617-4388-90fe-adc3633d6b72',
        'linear-event': 'Comment',
        'linear-signature': mac('sha256', secret, body),
      },
      body,
    )
  },
  needs: ['linear-signature'],
  withSignature: signatureIn('linear-signature'),
  tolerance: 60,
  expected: {
    event: 'Comment',
    eventId: '234d1a4e-b617-4388-90fe-adc3633d6b72',
    object: '539068e2',
    part: '2174add1',
  },
}
