import { isUtf8 } from 'node:buffer'
import { BellwireError } from '../../errors.ts'
import { createJsonScanner, type JsonFault } from './jsonScanner.ts'
import { MAX_DEPTH } from '../../contract/longJson/jsonSyntax.ts'
import { nextTurn } from '../../contract/longJson/turns.ts'

/** Bytes to scan per turn of the event loop: about two milliseconds of work. */
const SLICE_BYTES = 256 * 1024

/**
 * Checks that a body is JSON that later stages can process, without creating its values: that would take several times
 * the memory and block other requests. Long bodies are scanned in slices, yielding to the event loop in between.
 *
 * @param maxValues maximum number of lists, objects, strings, numbers and so on, in total
 * @returns the bytes to store: as received, without a byte order mark
 * @throws BellwireError `body_invalid`, with the line and column (in characters, from 1) of the error
 */
export function checkJson(body: Buffer, maxValues = Infinity): Buffer | Promise<Buffer> {
  const bytes = withoutByteOrderMark(body)
  if (bytes.length === 0) {
    throw new BellwireError('body_invalid', 'The body is empty. Send JSON, for example {"question": "..."}.')
  }
  if (!isUtf8(bytes)) throw new BellwireError('body_invalid', 'The body is not valid UTF-8.')
  const scanner = createJsonScanner(bytes, { maxDepth: MAX_DEPTH, maxValues })
  if (bytes.length > SLICE_BYTES) return checkInSlices()
  return finish(scanner.advance(bytes.length))

  async function checkInSlices(): Promise<Buffer> {
    for (let end = SLICE_BYTES; ; end += SLICE_BYTES) {
      // Also before the first one: many bodies may end in the same turn.
      await nextTurn()
      const outcome = scanner.advance(end)
      if (outcome !== 'more') return finish(outcome)
    }
  }

  function finish(outcome: 'more' | 'done' | JsonFault): Buffer {
    if (typeof outcome === 'string') return bytes
    const { line, column } = placeOf(bytes, outcome.offset)
    throw new BellwireError(
      'body_invalid',
      `The JSON cannot be read at line ${line}, column ${column}: ${outcome.detail}.`,
    )
  }
}

function withoutByteOrderMark(body: Buffer): Buffer {
  return body.length >= 3 && body.readUIntBE(0, 3) === 0xefbbbf ? body.subarray(3) : body
}

/** Line and column of a byte, both from 1; columns count characters. */
function placeOf(text: Buffer, offset: number): { line: number; column: number } {
  let line = 1
  let column = 1
  for (let index = 0; index < offset; index += 1) {
    const byte = text[index] ?? 0
    if (byte === 0x0a) {
      line += 1
      column = 1
    } else if ((byte & 0xc0) !== 0x80) {
      // Continuation bytes of a character are not counted.
      column += 1
    }
  }
  return { line, column }
}
