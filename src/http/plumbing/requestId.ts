import { randomBytes } from 'node:crypto'

/** Generates request ids for the log: short, and unique across processes. */
export function createRequestIds(): () => string {
  const process = randomBytes(6).toString('base64url')
  let count = 0
  return () => `${process}-${(count += 1).toString(36)}`
}
