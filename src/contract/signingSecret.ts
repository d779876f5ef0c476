import { withoutTrailing } from './withoutTrailing.ts'

const PREFIX = 'whsec_'

/** Bytes of a secret, as the specification of Standard Webhooks wants them. */
const MIN_BYTES = 24
const MAX_BYTES = 64

/** Whether a text is a secret of Standard Webhooks: `whsec_` and 24 to 64 bytes in base64. */
export function isSigningSecret(text: string): boolean {
  if (!text.startsWith(PREFIX)) return false
  const encoded = text.slice(PREFIX.length)
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(encoded) || encoded.length % 4 !== 0) return false
  const bytes = (encoded.length / 4) * 3 - (encoded.length - withoutTrailing(encoded, '=').length)
  return bytes >= MIN_BYTES && bytes <= MAX_BYTES
}
