import { hash, randomBytes } from 'node:crypto'

/** Makes a secret text that nobody can guess: 256 random bits as 43 characters. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** What a token, a key or a code is stored and found by: its SHA-256. */
export function hashToken(token: string): Buffer {
  return hash('sha256', token, 'buffer')
}
