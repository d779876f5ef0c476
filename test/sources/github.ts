import { sign } from '@octokit/webhooks-methods'
import { post, signatureIn, type Sample } from './sample.ts'

const BODY = JSON.stringify({
  action: 'created',
  issue: { html_url: 'https://github.com/octo/repo/issues/7', number: 7, title: 'It crashes' },
  comment: { html_url: 'https://github.com/octo/repo/issues/7#issuecomment-99', body: 'Same here' },
  repository: { full_name: 'octo/repo' },
  sender: { login: 'octocat' },
})

export const github: Sample = {
  secrets: ["It's a Secret to Everybody", 'the next secret'],
  send: async ({ secret, body = BODY }) =>
    post(
      {
        'x-github-event': 'issue_comment',
        'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
        'x-hub-signature-256': await sign(secret, body),
        'user-agent': 'GitHub-Hookshot/044aadd',
      },
      body,
    ),
  needs: ['x-hub-signature-256'],
  withSignature: signatureIn('x-hub-signature-256', 'sha256='),
  expected: {
    event: 'issue_comment',
    eventId: '72d3162e-cc78-11e3-81ab-4c9367dc0958',
    object: 'https://github.com/octo/repo/issues/7',
    part: 'https://github.com/octo/repo/issues/7#issuecomment-99',
  },
}
