import { post, signatureIn, type Sample } from './sample.ts'

export const generic: Sample = {
  secrets: ['a long random text', 'another long random text'],
  send: ({ secret, body = '{"order":1024}' }) => post({ authorization: `Bearer ${secret}` }, body),
  needs: ['authorization'],
  withSignature: signatureIn('authorization', 'Bearer '),
  expected: {},
}
