import { generateKeyPairSync, sign } from 'node:crypto'
import { post, seconds, signatureIn, type Delivery, type Sample, type Sending } from './sample.ts'

const HEADER = 'x-signature-ed25519'
const BODY = JSON.stringify({
  version: 1,
  application_id: '1234560123453231555',
  type: 1,
  event: {
    type: 'ENTITLEMENT_CREATE',
    timestamp: '2026-10-18T14:42:53',
    data: { id: '1019653835926409216' },
  },
})

const pairs = new Map(
  [0, 1].map(() => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const bytes = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
    return [bytes.toString('hex'), privateKey]
  }),
)
const [first = '', second = ''] = pairs.keys()

function send({ secret, at, body = BODY }: Sending): Delivery {
  const privateKey = pairs.get(secret)
  if (!privateKey) throw new Error('no such key')
  const time = seconds(at)
  return post(
    {
      'x-signature-timestamp': time,
      [HEADER]: sign(null, Buffer.from(time + body), privateKey).toString('hex'),
    },
    body,
  )
}

export const discord: Sample = {
  secrets: [first, second],
  send,
  needs: [HEADER, 'x-signature-timestamp'],
  withSignature: signatureIn(HEADER),
  expected: { event: 'ENTITLEMENT_CREATE', object: '1019653835926409216' },
  handshakes: [
    {
      send: (sending) =>
        send({ ...sending, body: '{"id":"787","type":1,"application_id":"123","version":1}' }),
      answer: () => ({ status: 200, json: { type: 1 } }),
    },
    {
      send: (sending) => send({ ...sending, body: '{"version":1,"application_id":"123","type":0}' }),
      answer: () => ({ status: 204, body: '', headers: { 'content-type': 'application/json' } }),
    },
  ],
}
