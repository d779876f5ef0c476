import { anyOf } from './anyOf.ts'
import { hmac } from './hmac.ts'
import { ed25519Key, publicKey } from './publicKey.ts'
import type { Scheme } from './scheme.ts'

const SECRET = 'whsec_'
const PUBLIC = 'whpk_'
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/

const SIGNED = {
  header: ['Webhook-Signature', 'Svix-Signature'],
  encoding: 'base64',
  signed: '{id}.{timestamp}.{body}',
} as const
const TIME_HEADERS = ['Webhook-Timestamp', 'Svix-Timestamp']
const TOLERANCE_SECONDS = 300

/** The key of a secret: what follows `whsec_` is base64; a text without it that is base64 is taken as such, too. */
function secretKey(secret: string): Buffer | undefined {
  if (secret.startsWith(PUBLIC)) return undefined
  const text = secret.startsWith(SECRET) ? secret.slice(SECRET.length) : secret
  return BASE64.test(text) ? Buffer.from(text, 'base64') : undefined
}

function publicKeyOf(secret: string) {
  if (!secret.startsWith(PUBLIC)) return undefined
  return ed25519Key(Buffer.from(secret.slice(PUBLIC.length), 'base64'))
}

/** Says what is wrong with a secret; undefined when it can be used. */
export function checkStandardSecret(secret: string): string | undefined {
  if (secretKey(secret) !== undefined || publicKeyOf(secret) !== undefined) return undefined
  return 'must be the signing secret as the sender shows it: whsec_ and base64, or the public key: whpk_ and base64'
}

/**
 * The symmetric signatures of the Standard Webhooks specification, under its own names of headers or those of Svix.
 *
 * @param key the key of a secret; undefined for secrets that are for something else
 */
export function standardHmac(key: (secret: string) => Buffer | undefined = secretKey): Scheme {
  return hmac({
    ...SIGNED,
    algorithm: 'sha256',
    prefix: 'v1,',
    time: { header: TIME_HEADERS, toleranceSeconds: TOLERANCE_SECONDS },
    key,
  })
}

const asymmetric = publicKey({
  ...SIGNED,
  algorithm: 'Ed25519',
  prefix: 'v1a,',
  timestampHeader: TIME_HEADERS,
  toleranceSeconds: TOLERANCE_SECONDS,
  key: publicKeyOf,
})

const symmetric = standardHmac()

/** All signatures of the Standard Webhooks specification. */
export const standardWebhooksScheme: Scheme = {
  ...anyOf('hmac', symmetric, asymmetric),
  verify: (request, secrets, outbound) =>
    // Public keys are rare: without any there is nothing to wait for.
    secrets.some((secret) => secret.startsWith(PUBLIC))
      ? anyOf('hmac', symmetric, asymmetric).verify(request, secrets, outbound)
      : symmetric.verify(request, secrets, outbound),
}
