import { generateKeyPairSync, sign } from 'node:crypto'
import { post, seconds, signatureIn, type Sample } from './sample.ts'

const HEADER = 'x-twilio-email-event-webhook-signature'
const BODY = JSON.stringify([
  { event: 'bounce', sg_event_id: 'b-1', sg_message_id: 'm-1', email: 'a@example.com', reason: '550' },
  { event: 'open', sg_event_id: 'o-2', sg_message_id: 'm-2', email: 'b@example.com' },
])

const pairs = new Map(
  [0, 1].map(() => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    return [publicKey.export({ format: 'der', type: 'spki' }).toString('base64'), privateKey]
  }),
)
const [first = '', second = ''] = pairs.keys()

export const sendgrid: Sample = {
  secrets: [first, second],
  send({ secret, at, body = BODY }) {
    const privateKey = pairs.get(secret)
    if (!privateKey) throw new Error('no such key')
    const time = seconds(at)
    return post(
      {
        'x-twilio-email-event-webhook-timestamp': time,
        [HEADER]: sign('sha256', Buffer.from(time + body), privateKey).toString('base64'),
      },
      body,
    )
  },
  needs: [HEADER, 'x-twilio-email-event-webhook-timestamp'],
  withSignature: signatureIn(HEADER),
  expected: { event: 'bounce,open', eventId: 'b-1,o-2', object: 'm-1,m-2' },
  events: 2,
}
