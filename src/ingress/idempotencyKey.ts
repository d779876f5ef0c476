import { BellwireError } from '../errors.ts'

const MAX_LENGTH = 256

/**
 * Reads an `Idempotency-Key` header. The draft standard defines the key as a quoted structured-field string, most
 * clients send it bare: both are the same key. An empty one counts as none.
 *
 * @throws BellwireError `idempotency_key_too_long`
 */
export function readIdempotencyKey(header: string | string[] | undefined): string | undefined {
  const text = (Array.isArray(header) ? header.join(', ') : (header ?? '')).trim()
  const key = /^"(?:[^"\\]|\\["\\])*"$/.test(text) ? text.slice(1, -1).replace(/\\(["\\])/g, '$1') : text
  if (key === '') return undefined
  if (key.length > MAX_LENGTH) {
    throw new BellwireError(
      'idempotency_key_too_long',
      `The key has ${key.length} characters; the limit is ${MAX_LENGTH}.`,
    )
  }
  return key
}
