import { mac, post, signatureIn, type Sample } from './sample.ts'

const HEADER = 'x-hub-signature'
const BODY = JSON.stringify({
  timestamp: 1_760_000_000_000,
  webhookEvent: 'comment_created',
  comment: { self: 'https://octo.atlassian.net/rest/api/2/issue/10002/comment/10000', id: '10000' },
  issue: { self: 'https://octo.atlassian.net/rest/api/2/issue/10002', id: '10002', key: 'OCT-7' },
})

export const jira: Sample = {
  secrets: ["It's a Secret to Everybody", 'the next secret'],
  send: ({ secret, body = BODY }) =>
    post(
      {
        'x-atlassian-webhook-identifier': 'a5d1f3e8',
        [HEADER]: `sha256=${mac('sha256', secret, body)}`,
      },
      body,
    ),
  needs: [HEADER],
  withSignature: signatureIn(HEADER, 'sha256='),
  expected: {
    event: 'comment_created',
    eventId: 'a5d1f3e8',
    object: 'https://octo.atlassian.net/rest/api/2/issue/10002',
    part: 'https://octo.atlassian.net/rest/api/2/issue/10002/comment/10000',
  },
}
