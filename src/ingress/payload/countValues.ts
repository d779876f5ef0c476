const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c
const DIGIT_0 = 0x30
const DIGIT_9 = 0x39
const POINT = 0x2e
const SMALL_E = 0x65
const CAPITAL_E = 0x45
const OPEN_LIST = 0x5b
const OPEN_OBJECT = 0x7b

/**
 * Whether valid JSON has more values than `max`: lists, objects, strings, numbers and so on. Strings are passed over as
 * a whole, so it takes a small part of the time that parsing takes.
 */
export function hasMoreValues(json: Buffer, max: number): boolean {
  // Each value but the last needs a separator.
  if (json.length < 2 * max) return false
  let values = 1
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at]
    if (byte === QUOTE) at = endOfString(json, at)
    else if (byte === COMMA || byte === OPEN_LIST || byte === OPEN_OBJECT) {
      values += 1
      if (values > max) return true
    }
  }
  return false
}

/** Whether valid JSON may have numbers that lose digits when they are parsed: sixteen digits, or an exponent. */
export function mayHaveLongNumber(json: Buffer): boolean {
  let digits = 0
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] as number
    if (byte === QUOTE) {
      at = endOfString(json, at)
      digits = 0
    } else if ((byte >= DIGIT_0 && byte <= DIGIT_9) || byte === POINT) {
      digits += 1
      if (digits > 15) return true
    } else {
      if (digits > 0 && (byte === SMALL_E || byte === CAPITAL_E)) return true
      digits = 0
    }
  }
  return false
}

/** The place of the quote that closes the string which opens at `start`. */
export function endOfString(json: Buffer, start: number): number {
  for (let from = start + 1; ;) {
    const quote = json.indexOf(QUOTE, from)
    if (quote < 0) return json.length
    let backslashes = 0
    while (json[quote - 1 - backslashes] === BACKSLASH) backslashes += 1
    if (backslashes % 2 === 0) return quote
    from = quote + 1
  }
}
