import { createHmac, createSecretKey, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { ApprovalLinks } from '../contract/approval.ts'

/** How many whole days the links of an approval are valid: within a day they are the same. */
const LIFETIME_DAYS = 30

const DAY_MS = 24 * 3600 * 1000

/** Makes the links to the pages of an approval or a question, for whoever is to decide. */
export type MakeApprovalLinks = (approvalId: string) => ApprovalLinks

/** Signs links that let their holder decide one approval, for a limited time, without an API key. */
export type ApprovalLinkKeys = {
  make: MakeApprovalLinks
  verify(approvalId: string, key: string): boolean
}

/**
 * Creates links whose key is the day of expiry (since 1970, UTC) and 128 bits of an HMAC-SHA256 over it and the approval.
 *
 * @param options.secret 32 bytes; the signing key is derived from it
 * @param options.publicUrl the base of the links, without a trailing slash
 */
export function createApprovalLinks({
  secret,
  publicUrl,
  now = Date.now,
}: {
  secret: Buffer
  publicUrl: string
  now?: () => number
}): ApprovalLinkKeys {
  const signingKey = createSecretKey(
    Buffer.from(hkdfSync('sha256', secret, '', 'bellwire approval links', 32)),
  )

  const sign = (approvalId: string, expires: string): string =>
    createHmac('sha256', signingKey).update(`${approvalId}\n${expires}`).digest().toString('base64url', 0, 16)

  return {
    make(approvalId) {
      const expires = String(Math.floor(now() / DAY_MS) + LIFETIME_DAYS + 1)
      const at = `${publicUrl}/api/approvals/${approvalId}`
      const query = `?key=${expires}.${sign(approvalId, expires)}`
      return { approve: `${at}/approve${query}`, deny: `${at}/deny${query}` }
    },
    verify(approvalId, key) {
      const [expires = '', signature = '', ...rest] = key.split('.')
      if (rest.length > 0) return false
      // Texts are compared, not their decoded bytes: a decoder skips characters that it does not recognise.
      const given = Buffer.from(signature)
      const wanted = Buffer.from(sign(approvalId, expires))
      return (
        given.length === wanted.length && timingSafeEqual(given, wanted) && Number(expires) * DAY_MS > now()
      )
    },
  }
}
