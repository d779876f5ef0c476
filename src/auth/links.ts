import { createHmac, createSecretKey, hkdfSync, timingSafeEqual } from 'node:crypto'

/** How long a task link is valid. */
const LIFETIME_SECONDS = 7 * 24 * 3600

export type LinkPurpose = 'events' | 'cancel'

/** Signs links that let their holder follow or cancel one task, for a limited time, without an API key. */
export type Links = {
  /** The values of the links' `key` parameters. */
  sign(taskId: string): Record<LinkPurpose, string>
  verify(purpose: LinkPurpose, taskId: string, key: string): boolean
}

/**
 * Creates links whose keys are the expiry time and 128 bits of an HMAC-SHA256 over it and the task: the first half is
 * the key for one purpose, the second half for the other, so each trigger costs one computation.
 *
 * @param secret 32 bytes; the signing key is derived from it
 */
export function createLinks(secret: Buffer, now: () => number = Date.now): Links {
  const signingKey = createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', 'bellwire task links', 32)))

  function mac(taskId: string, expires: string): Record<LinkPurpose, string> {
    const digest = createHmac('sha256', signingKey).update(`${taskId}\n${expires}`).digest()
    return { events: digest.toString('base64url', 0, 16), cancel: digest.toString('base64url', 16) }
  }

  return {
    sign(taskId) {
      const expires = Math.floor(now() / 1000 + LIFETIME_SECONDS).toString(36)
      const { events, cancel } = mac(taskId, expires)
      return {
        events: `${expires}.${events}`,
        cancel: `${expires}.${cancel}`,
      }
    },
    verify(purpose, taskId, key) {
      const [expires = '', signature = '', ...rest] = key.split('.')
      if (rest.length > 0) return false
      // Texts are compared, not their decoded bytes: a decoder skips characters that it does not recognise.
      const given = Buffer.from(signature)
      const wanted = Buffer.from(mac(taskId, expires)[purpose])
      return (
        given.length === wanted.length &&
        timingSafeEqual(given, wanted) &&
        Number.parseInt(expires, 36) * 1000 > now()
      )
    },
  }
}
