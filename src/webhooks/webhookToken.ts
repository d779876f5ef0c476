import { createHash, randomBytes } from 'node:crypto'

/** Makes the secret part of a webhook's URL: 256 random bits as 43 characters. */
export function newWebhookToken(): string {
  return randomBytes(32).toString('base64url')
}

/** What a token is found by. */
export function hashWebhookToken(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
