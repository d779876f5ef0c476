import { createHash, randomBytes } from 'node:crypto'

/** Makes a key: what it is for at its front, then 256 random bits. */
export function newKeyText(scope: 'admin' | 'agent'): string {
  return `bw_${scope}_${randomBytes(32).toString('base64url')}`
}

/** What a key is stored and found by. */
export function hashKey(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

/** What people tell keys apart by. */
export function keyHint(key: string): string {
  return key.slice(-4)
}
