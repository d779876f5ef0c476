import { BellwireError } from '../../errors.ts'
import { nextTurn, SLICE_BYTES } from '../../contract/longJson/turns.ts'

const END_OF_HEADERS = Buffer.from('\r\n\r\n')

/** Where the bytes of a part are in a multipart body, and its headers as they were sent. */
export type Place = { offset: number; headers: Buffer }

/**
 * Finds where the parts of a multipart body are. Their bytes are not searched for: a search for a long text may take
 * the product of both lengths.
 *
 * @param parts bytes of parts in the order of the body, which may have other parts in between
 * @throws BellwireError `body_invalid` when one is not between two boundaries
 */
export async function locateParts(
  body: Buffer,
  boundary: string,
  parts: readonly Buffer[],
): Promise<Place[]> {
  const places: Place[] = []
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  // The first one has no line before it.
  const isFirst = body.subarray(0, delimiter.length - 2).equals(delimiter.subarray(2))
  let from = isFirst ? delimiter.length - 2 : 0
  let turnAt = SLICE_BYTES
  for (let part = parts[0]; part; part = parts[places.length]) {
    const end = body.indexOf(delimiter, from)
    if (end < 0) {
      throw new BellwireError(
        'body_invalid',
        'The form cannot be read: a part is not between two boundaries.',
      )
    }
    const whole = body.subarray(from, end)
    const blank = whole.indexOf(END_OF_HEADERS)
    const content = whole.subarray(blank + END_OF_HEADERS.length)
    if (blank >= 0 && content.equals(part)) {
      places.push({ offset: from + blank + END_OF_HEADERS.length, headers: whole.subarray(0, blank) })
    }
    from = end + delimiter.length
    if (from >= turnAt) {
      await nextTurn()
      turnAt = from + SLICE_BYTES
    }
  }
  return places
}
