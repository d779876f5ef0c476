// The bytes of JSON's syntax (RFC 8259, section 2).

export const QUOTE = 0x22
export const COMMA = 0x2c
export const COLON = 0x3a
export const OPEN_LIST = 0x5b
export const CLOSE_LIST = 0x5d
export const OPEN_OBJECT = 0x7b
export const CLOSE_OBJECT = 0x7d
export const BACKSLASH = 0x5c
export const MINUS = 0x2d

/** The words that are values, by their first byte. */
export const WORDS = new Map(['true', 'false', 'null'].map((word) => [word.charCodeAt(0), Buffer.from(word)]))

/** Characters allowed after a backslash, except `u`. */
export const ESCAPES = new Set(Buffer.from('"\\/bfnrt'))

/**
 * Maximum levels of lists and objects in a body. Deeper values would overflow the stack of recursive code; no known
 * sender comes near.
 */
export const MAX_DEPTH = 200

export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}

export function isHex(byte: number | undefined): boolean {
  return isDigit(byte) || (byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66)
}
