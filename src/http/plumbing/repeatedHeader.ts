/** Headers that say something else when there are two of them, in lower case. */
const SINGLE: readonly string[] = ['host', 'idempotency-key']

/**
 * The name of a header that came more than once and may not: which one counts would depend on who reads it, and every
 * proxy on the way is a reader (RFC 9110, 5.3; of Host, RFC 9112, 3.2).
 *
 * @param rawHeaders names and values in turns, as they came
 */
export function repeatedHeader(rawHeaders: readonly string[]): string | undefined {
  for (const single of SINGLE) {
    let count = 0
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const name = rawHeaders[at] as string
      // For nearly all others, the length is enough.
      if (name.length === single.length && name.toLowerCase() === single) count += 1
    }
    if (count > 1) return single
  }
  return undefined
}
