import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { post, signatureIn, type Sample } from './sample.ts'

const BODY = JSON.stringify({
  message: {
    attributes: { eventType: 'OBJECT_FINALIZE', objectId: 'invoices/42.pdf' },
    data: btoa('{"name":"invoices/42.pdf"}'),
    messageId: '2070443601311540',
  },
  subscription: 'projects/octo/subscriptions/uploads',
})

const { publicKey, privateKey } = await generateKeyPair('RS256')

export const googlePubsub: Sample = {
  secrets: ['push@octo.iam.gserviceaccount.com', 'other@octo.iam.gserviceaccount.com'],
  send: async ({ secret, at, url, body = BODY }) => {
    const token = await new SignJWT({ email: secret, email_verified: true })
      .setProtectedHeader({ alg: 'RS256', kid: 'k1', typ: 'JWT' })
      .setIssuer('https://accounts.google.com')
      .setAudience(url)
      .setIssuedAt(at)
      .setExpirationTime(new Date(at.getTime() + 3600_000))
      .sign(privateKey)
    return post({ authorization: `Bearer ${token}` }, body)
  },
  needs: ['authorization'],
  withSignature: signatureIn('authorization', 'Bearer '),
  expected: { event: 'OBJECT_FINALIZE', eventId: '2070443601311540', object: 'invoices/42.pdf' },
  documents: async (url) =>
    url === 'https://www.googleapis.com/oauth2/v3/certs'
      ? JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }] })
      : undefined,
}
