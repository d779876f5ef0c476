import { sign } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { selfSigned } from './certificate.ts'
import { post, signatureIn, type Sample } from './sample.ts'

const HEADER = 'paypal-transmission-sig'
const CERTIFICATE_URL = 'https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1d93a270'
const BODY = JSON.stringify({
  id: 'WH-2WR32451HC0233532-67976317FL4543714',
  event_type: 'CUSTOMER.DISPUTE.CREATED',
  resource: { id: 'PP-D-4012' },
})

const { pem, privateKey } = selfSigned({ from: new Date('2026-01-01'), to: new Date('2027-01-01') })

export const paypal: Sample = {
  secrets: ['1JE4291016473214C', '8PT597110X687430L'],
  send({ secret, at, body = BODY }) {
    const id = '69cd13f0-d67a-11e5-baa3-778b53f4ae55'
    const time = at.toISOString()
    const signed = `${id}|${time}|${secret}|${crc32(body)}`
    return post(
      {
        'paypal-transmission-id': id,
        'paypal-transmission-time': time,
        'paypal-cert-url': CERTIFICATE_URL,
        'paypal-auth-algo': 'SHA256withRSA',
        [HEADER]: sign('sha256', Buffer.from(signed), privateKey).toString('base64'),
      },
      body,
    )
  },
  needs: [
    'paypal-transmission-id',
    'paypal-transmission-time',
    'paypal-cert-url',
    'paypal-auth-algo',
    HEADER,
  ],
  withSignature: signatureIn(HEADER),
  expected: {
    event: 'CUSTOMER.DISPUTE.CREATED',
    eventId: 'WH-2WR32451HC0233532-67976317FL4543714',
    object: 'PP-D-4012',
  },
  documents: (url) => (url === CERTIFICATE_URL ? pem : undefined),
}
