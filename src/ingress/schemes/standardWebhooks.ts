import { hmac } from './hmac.ts'

const PREFIX = 'whsec_'
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/

/** The key of a secret: what follows `whsec_` is base64; a text without it that is base64 is taken as such, too. */
function keyOf(secret: string): Buffer | undefined {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret
  return BASE64.test(text) ? Buffer.from(text, 'base64') : undefined
}

/** Says what is wrong with a secret; undefined when it can be used. */
export function checkStandardSecret(secret: string): string | undefined {
  return keyOf(secret) ? undefined : 'must be the signing secret as the sender shows it: whsec_ and base64'
}

/** Signatures as the Standard Webhooks specification has them, under its own names of headers or those of Svix. */
export const standardWebhooksScheme = hmac({
  header: ['Webhook-Signature', 'Svix-Signature'],
  algorithm: 'sha256',
  encoding: 'base64',
  prefix: 'v1,',
  signed: '{id}.{timestamp}.{body}',
  time: { header: ['Webhook-Timestamp', 'Svix-Timestamp'], toleranceSeconds: 300 },
  key: keyOf,
})
