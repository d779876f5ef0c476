/** Scalars and whitespace, each matched at the current position (RFC 8259). */
// oxlint-disable-next-line no-control-regex -- JSON rules them out
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const SPACE = /[ \t\n\r]*/y

/**
 * Finds where text stops being JSON: the index of the first error, the text's length if something is missing at its
 * end, undefined if it is valid. Not all browsers report this, and not always.
 */
export function jsonFault(text: string): number | undefined {
  let at = 0

  function take(pattern: RegExp): boolean {
    pattern.lastIndex = at
    const found = pattern.test(text)
    if (found) at = pattern.lastIndex
    return found
  }

  function takeWord(word: string): boolean {
    take(SPACE)
    if (!text.startsWith(word, at)) return false
    at += word.length
    return true
  }

  /** Items between commas up to `close`, each parsed by `item`. */
  function list(close: string, item: () => boolean): boolean {
    if (takeWord(close)) return true
    do {
      if (!item()) return false
    } while (takeWord(','))
    return takeWord(close)
  }

  function member(): boolean {
    take(SPACE)
    return take(STRING) && takeWord(':') && value()
  }

  function value(): boolean {
    if (takeWord('{')) return list('}', member)
    if (takeWord('[')) return list(']', value)
    return take(STRING) || take(SCALAR)
  }

  const whole = value()
  take(SPACE)
  return whole && at === text.length ? undefined : at
}
