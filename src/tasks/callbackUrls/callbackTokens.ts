import { createHmac, createSecretKey, hash, hkdfSync, timingSafeEqual } from 'node:crypto'

/** Bytes of the id, and of the code that proves it: together they fill their Base64 text, so it has one spelling. */
const ID_BYTES = 16
const CODE_BYTES = 26

/** The tokens of callback URLs: the id of the URL, and a code that only the holder of the secret key can make. */
export type CallbackTokens = {
  /** The id of the URL that belongs to a key: always the same, and not to be guessed from anything else. */
  idOf(key: string): string
  tokenOf(id: string): string
  /** The id in a token; undefined for one that was not made here. */
  read(token: string): string | undefined
}

/**
 * Creates the tokens. Nothing that opens a URL is stored: not even its hash.
 *
 * @param secret 32 bytes; the key of the codes is derived from it
 */
export function createCallbackTokens(secret: Buffer): CallbackTokens {
  const codeKey = createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', 'bellwire callback urls', 32)))

  function tokenOf(id: string): string {
    const bytes = Buffer.from(id.replaceAll('-', ''), 'hex')
    const code = createHmac('sha256', codeKey).update(bytes).digest().subarray(0, CODE_BYTES)
    return Buffer.concat([bytes, code]).toString('base64url')
  }

  return {
    tokenOf,
    idOf: (key) => toUuid(hash('sha256', `callback url\n${key}`, 'buffer').subarray(0, ID_BYTES)),
    read(token) {
      const id = toUuid(Buffer.from(token, 'base64url').subarray(0, ID_BYTES))
      // Texts are compared, not their decoded bytes: a decoder skips characters that it does not recognise.
      const given = Buffer.from(token)
      const wanted = Buffer.from(tokenOf(id))
      return given.length === wanted.length && timingSafeEqual(given, wanted) ? id : undefined
    },
  }
}

/** Bytes in the form of a UUID of version 8 (RFC 9562, 5.8). */
function toUuid(bytes: Buffer): string {
  const own = Buffer.alloc(ID_BYTES)
  bytes.copy(own)
  own[6] = ((own[6] ?? 0) & 0x0f) | 0x80
  own[8] = ((own[8] ?? 0) & 0x3f) | 0x80
  return own.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** Makes the id and the URL that belong to a key. @param publicUrl without a trailing slash */
export function createCallbackAddress(
  { idOf, tokenOf }: CallbackTokens,
  publicUrl: string,
): (key: string) => { id: string; url: string } {
  return (key) => {
    const id = idOf(key)
    return { id, url: `${publicUrl}/api/callbacks/${tokenOf(id)}` }
  }
}
