import { hash, randomBytes } from 'node:crypto'

/** Generates an unguessable token: 256 random bits as 43 characters. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** How a token, a key or a code is stored and found: its SHA-256. */
export function hashToken(token: string): Buffer {
  return hash('sha256', token, 'buffer')
}
