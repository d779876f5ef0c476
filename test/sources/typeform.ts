import { mac, post, signatureIn, type Sample } from './sample.ts'

const HEADER = 'typeform-signature'
const BODY = JSON.stringify({
  event_id: 'LtWXD3crgy',
  event_type: 'form_response',
  form_response: { form_id: 'lT4Z3j', token: 'a3a12ec67a1365927098a606107fac15', answers: [] },
})

export const typeform: Sample = {
  secrets: ['typeform secret', 'next typeform secret'],
  send: ({ secret, body = BODY }) =>
    post({ [HEADER]: `sha256=${mac('sha256', secret, body, 'base64')}` }, body),
  needs: [HEADER],
  withSignature: signatureIn(HEADER, 'sha256='),
  expected: { event: 'form_response', eventId: 'LtWXD3crgy', object: 'a3a12ec67a1365927098a606107fac15' },
}
