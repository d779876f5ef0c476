import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const VERSION = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16
const HEADER_BYTES = 1 + NONCE_BYTES

/**
 * Encrypts values that must be readable again, with AES-256-GCM. The context says what a ciphertext is for, such as
 * `secret:NAME`: one that is moved to another row does not decrypt there.
 *
 * @example
 * const vault = createVault(secret)
 * const ciphertext = vault.encrypt('hunter2', 'secret:DB_PASSWORD')
 * vault.decrypt(ciphertext, 'secret:DB_PASSWORD') // 'hunter2'
 */
export type Vault = {
  /** Returns a version byte, the nonce, the ciphertext and the tag, in this order. */
  encrypt(text: string, context: string): Buffer
  /** Throws {@link VaultError} when the key, the context or the bytes differ from those of the encryption. */
  decrypt(ciphertext: Buffer, context: string): string
  /** Identifies the key without revealing it, in hex. */
  fingerprint: string
}

/** A stored value that this key does not decrypt. The message contains the context, never the value. */
export class VaultError extends Error {
  constructor(context: string, options: { cause?: unknown } = {}) {
    super(
      `${context} cannot be decrypted: the secret key is different, or the stored data is corrupted`,
      options,
    )
    this.name = 'VaultError'
  }
}

/** @param secret 32 bytes; the keys of the vault are derived from it */
export function createVault(secret: Buffer): Vault {
  if (secret.length !== 32) throw new RangeError('the secret of a vault has 32 bytes')
  const key = derive(secret, 'bellwire vault')

  return {
    fingerprint: derive(secret, 'bellwire secret key fingerprint').toString('hex'),

    encrypt(text, context) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
      cipher.setAAD(Buffer.from(context))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([Buffer.of(VERSION), nonce, body, cipher.getAuthTag()])
    },

    decrypt(ciphertext, context) {
      if (ciphertext[0] !== VERSION || ciphertext.length < HEADER_BYTES + TAG_BYTES)
        throw new VaultError(context)
      const nonce = ciphertext.subarray(1, HEADER_BYTES)
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
      decipher.setAAD(Buffer.from(context))
      decipher.setAuthTag(ciphertext.subarray(-TAG_BYTES))
      const body = ciphertext.subarray(HEADER_BYTES, -TAG_BYTES)
      try {
        return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new VaultError(context, { cause })
      }
    },
  }
}

function derive(secret: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', purpose, 32))
}
