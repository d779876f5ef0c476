import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

/** How long a link to a task stays good. */
const LIFETIME_SECONDS = 7 * 24 * 3600

export type LinkPurpose = 'events' | 'cancel'

/** Signs links that let whoever has them follow or cancel one task, for a while, without an API key. */
export type Links = {
  /** The value of the link's `key` parameter. */
  sign(purpose: LinkPurpose, taskId: string): string
  verify(purpose: LinkPurpose, taskId: string, key: string): boolean
}

/** @param secret 32 bytes; the signing key is derived from it */
export function createLinks(secret: Buffer, now: () => number = Date.now): Links {
  const signingKey = Buffer.from(hkdfSync('sha256', secret, '', 'bellwire task links', 32))

  function mac(purpose: LinkPurpose, taskId: string, expires: string): Buffer {
    return createHmac('sha256', signingKey).update(`${purpose}\n${taskId}\n${expires}`).digest()
  }

  return {
    sign(purpose, taskId) {
      const expires = Math.floor(now() / 1000 + LIFETIME_SECONDS).toString(36)
      return `${expires}.${mac(purpose, taskId, expires).toString('base64url')}`
    },
    verify(purpose, taskId, key) {
      const [expires = '', signature = ''] = key.split('.', 2)
      const given = Buffer.from(signature, 'base64url')
      const wanted = mac(purpose, taskId, expires)
      return (
        given.length === wanted.length &&
        timingSafeEqual(given, wanted) &&
        Number.parseInt(expires, 36) * 1000 > now()
      )
    },
  }
}
