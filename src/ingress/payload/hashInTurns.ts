import { createHash } from 'node:crypto'
import { nextTurn } from '../../contract/longJson/turns.ts'

/** Bytes that are hashed in one turn of the event loop: less than a few milliseconds of work. */
const SLICE_BYTES = 1024 * 1024

/** The SHA-256 of bytes, with turns of the event loop in between if they are many. */
export async function hashInTurns(bytes: Buffer): Promise<Buffer> {
  const sum = createHash('sha256')
  for (let from = 0; from < bytes.length; from += SLICE_BYTES) {
    if (from > 0) await nextTurn()
    sum.update(bytes.subarray(from, from + SLICE_BYTES))
  }
  return sum.digest()
}
