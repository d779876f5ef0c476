import { createHmac, randomBytes } from 'node:crypto'

const PREFIX = 'whsec_'

/** Makes a secret to sign deliveries with: `whsec_` and 32 random bytes in base64. */
export function newSigningSecret(): string {
  return PREFIX + randomBytes(32).toString('base64')
}

/**
 * The headers that say from whom a delivery comes: https://www.standardwebhooks.com, symmetric signatures.
 *
 * @param id the same on every attempt
 * @param time of this attempt
 * @param secrets more than one while they are rotated: the receiver checks against any
 */
export function signatureHeaders({
  id,
  time,
  body,
  secrets,
}: {
  id: string
  time: Date
  body: Buffer
  secrets: readonly string[]
}): Record<string, string> {
  const timestamp = String(Math.floor(time.getTime() / 1000))
  const signatures = secrets.map((secret) => {
    const hmac = createHmac('sha256', Buffer.from(secret.slice(PREFIX.length), 'base64'))
    return `v1,${hmac.update(`${id}.${timestamp}.`).update(body).digest('base64')}`
  })
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    ...(signatures.length === 0 ? {} : { 'webhook-signature': signatures.join(' ') }),
  }
}
