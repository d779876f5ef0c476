import { post, signatureIn, type Sample } from './sample.ts'

const BODY = JSON.stringify({
  object_kind: 'note',
  object_attributes: {
    id: 1244,
    url: 'https://gitlab.example/octo/repo/-/issues/7#note_1244',
    note: 'Same here',
  },
  issue: { iid: 7, url: 'https://gitlab.example/octo/repo/-/issues/7' },
})

export const gitlab: Sample = {
  secrets: ['a-secret-token', 'whsec_QWxzbyAyNCBieXRlcyBvZiBhIGtleSE='],
  send: ({ secret, body = BODY }) =>
    post(
      { 'x-gitlab-event': 'Note Hook', 'idempotency-key': 'f5e5f430-f57b-4e6e', 'x-gitlab-token': secret },
      body,
    ),
  needs: ['x-gitlab-token'],
  withSignature: signatureIn('x-gitlab-token'),
  expected: {
    event: 'Note Hook',
    eventId: 'f5e5f430-f57b-4e6e',
    object: 'https://gitlab.example/octo/repo/-/issues/7',
    part: 'https://gitlab.example/octo/repo/-/issues/7#note_1244',
  },
}
