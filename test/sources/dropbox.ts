import { mac, post, signatureIn, type Sample } from './sample.ts'

const HEADER = 'x-dropbox-signature'
const BODY = '{"list_folder":{"accounts":["dbid:AAH4f99T0taONIb"]},"delta":{"users":[12345678]}}'

export const dropbox: Sample = {
  secrets: ['dropbox app secret', 'next dropbox app secret'],
  send: ({ secret, body = BODY }) => post({ [HEADER]: mac('sha256', secret, body) }, body),
  needs: [HEADER],
  withSignature: signatureIn(HEADER),
  expected: { object: 'dbid:AAH4f99T0taONIb' },
  handshakes: [
    {
      send: () => ({ method: 'GET', search: 'challenge=abc%3Cb%3E123', headers: {}, body: '' }),
      answer: () => ({
        status: 200,
        body: 'abc<b>123',
        headers: { 'content-type': 'text/plain; charset=utf-8' },
      }),
    },
  ],
}
