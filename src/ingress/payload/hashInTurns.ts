import { createHash } from 'node:crypto'
import { nextTurn } from '../../contract/longJson/turns.ts'

/** Bytes that are hashed in one turn of the event loop, which takes at most a few milliseconds. */
const SLICE_BYTES = 1024 * 1024

/** The SHA-256 of bytes; many bytes are hashed over several turns of the event loop. */
export async function hashInTurns(bytes: Buffer): Promise<Buffer> {
  const sum = createHash('sha256')
  for (let from = 0; from < bytes.length; from += SLICE_BYTES) {
    if (from > 0) await nextTurn()
    sum.update(bytes.subarray(from, from + SLICE_BYTES))
  }
  return sum.digest()
}
