export type Encoding = 'hex' | 'base64' | 'base64url'

const HEX = /^(?:[0-9a-f]{2})+$/i
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/

/**
 * Decodes a signature; undefined when it is not written in this encoding. Both alphabets of base64 are read, with
 * and without padding.
 */
export function decode(text: string, encoding: Encoding): Buffer | undefined {
  if (encoding === 'hex') return HEX.test(text) ? Buffer.from(text, 'hex') : undefined
  return BASE64.test(text) ? Buffer.from(text, 'base64') : undefined
}
