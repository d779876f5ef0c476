import { mac, post, signatureIn, type Sample } from './sample.ts'

const HEADER = 'x-hub-signature-256'
const BODY = JSON.stringify({
  object: 'whatsapp_business_account',
  entry: [
    {
      id: '102290129340398',
      changes: [
        {
          field: 'messages',
          value: {
            messages: [{ from: '16505551234', id: 'wamid.HBgL', type: 'text', text: { body: 'Hi' } }],
          },
        },
        {
          field: 'messages',
          value: { statuses: [{ id: 'wamid.OLD', status: 'read', recipient_id: '165' }] },
        },
      ],
    },
  ],
})

export const meta: Sample = {
  secrets: ['0123456789abcdef0123456789abcdef', 'fedcba9876543210fedcba9876543210'],
  send: ({ secret, body = BODY }) => post({ [HEADER]: `sha256=${mac('sha256', secret, body)}` }, body),
  needs: [HEADER],
  withSignature: signatureIn(HEADER, 'sha256='),
  expected: { event: 'messages', eventId: 'wamid.HBgL,wamid.OLD.read', object: '16505551234' },
  handshakes: [
    {
      send: ({ secret }) => ({
        method: 'GET',
        search: `hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${encodeURIComponent(secret)}`,
        headers: {},
        body: '',
      }),
      answer: () => ({
        status: 200,
        body: '1158201444',
        headers: { 'content-type': 'text/plain; charset=utf-8' },
      }),
    },
    {
      send: () => ({
        method: 'GET',
        search: 'hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=guess',
        headers: {},
        body: '',
      }),
      answer: () => ({ status: 403 }),
    },
  ],
}
