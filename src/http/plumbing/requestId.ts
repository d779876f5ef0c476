import { randomBytes } from 'node:crypto'

/** Makes ids that find a request in the log again: short, and unlike those of other processes. */
export function createRequestIds(): () => string {
  const process = randomBytes(6).toString('base64url')
  let count = 0
  return () => `${process}-${(count += 1).toString(36)}`
}
