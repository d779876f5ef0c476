import { BACKSLASH, QUOTE } from './jsonSyntax.ts'
import { nextTurn, SLICE_BYTES } from './turns.ts'

const SMALL_U = 0x75

/** Quotes that are looked at in one turn of the event loop: about a millisecond of work. */
const MAX_QUOTES = 16_384

/**
 * The place of the quote that closes a string of valid JSON.
 *
 * @param from a place inside of the string, not behind a backslash that escapes what is there
 * @returns the place; for a string with very many escaped quotes, `~from` of the call that continues in a later turn
 */
export function endOfString(json: Buffer, from: number, maxQuotes = MAX_QUOTES): number {
  let at = from
  for (let quotes = 0; quotes < maxQuotes; quotes += 1) {
    const quote = json.indexOf(QUOTE, at)
    if (quote < 0) return json.length
    let backslashes = 0
    while (quote - 1 - backslashes >= from && json[quote - 1 - backslashes] === BACKSLASH) backslashes += 1
    if (backslashes % 2 === 0) return quote
    at = quote + 1
  }
  return ~at
}

/**
 * The text of a string of JSON that is too long to convert at once.
 *
 * @param json a valid string, with its quotes
 * @param sliceBytes at least 12, the length of the longest character
 */
export async function readLongString(json: Buffer, sliceBytes = SLICE_BYTES): Promise<string> {
  let text = ''
  const last = json.length - 1
  for (let from = 1; from < last;) {
    const end = clearCut(json, from, Math.min(from + sliceBytes, last))
    text += JSON.parse(`"${json.toString('utf8', from, end)}"`) as string
    from = end
    await nextTurn()
  }
  return text
}

/** The last place up to `end` where neither a character nor an escape would be cut. */
function clearCut(json: Buffer, from: number, end: number): number {
  let cut = end
  // Bytes of UTF-8 that continue a character; the closing quote is none.
  while (cut > from && ((json[cut] as number) & 0xc0) === 0x80) cut -= 1
  if (isEscaped(json, from, cut)) return cut - 1
  for (let digits = 0; digits < 4; digits += 1) {
    const letter = cut - 1 - digits
    if (letter > from && json[letter] === SMALL_U && isEscaped(json, from, letter)) return letter - 1
  }
  return cut
}

/** Whether a backslash before a place belongs to it. */
function isEscaped(json: Buffer, from: number, at: number): boolean {
  let backslashes = 0
  while (at - 1 - backslashes >= from && json[at - 1 - backslashes] === BACKSLASH) backslashes += 1
  return backslashes % 2 === 1
}
