import { newToken } from '../db/token.ts'

/** Makes a key: what it is for at its front, then 256 random bits. */
export function newKeyText(scope: 'admin' | 'agent'): string {
  return `bw_${scope}_${newToken()}`
}

/** What people tell keys apart by. */
export function keyHint(key: string): string {
  return key.slice(-4)
}
