import { newToken } from '../db/token.ts'

/** Generates a key: a prefix for its purpose, then 256 random bits. */
export function newKeyText(scope: 'admin' | 'agent'): string {
  return `bw_${scope}_${newToken()}`
}

/** The part of a key that is displayed to identify it. */
export function keyHint(key: string): string {
  return key.slice(-4)
}
