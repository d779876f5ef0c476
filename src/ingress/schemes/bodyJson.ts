/** No provider that signs inside of its JSON sends more; a larger body is not parsed before it is verified. */
const MAX_BYTES = 4 * 1024 * 1024

/** The same of values, by the commas: it is these that take time. */
const MAX_COMMAS = 100_000
const COMMA = 0x2c

/** The JSON of a body; undefined when it is none, or too large. */
export function bodyJson(rawBody: Buffer, maxBytes = MAX_BYTES): unknown {
  if (rawBody.length > maxBytes || hasMoreCommas(rawBody, MAX_COMMAS)) return undefined
  try {
    return JSON.parse(rawBody.toString())
  } catch {
    return undefined
  }
}

function hasMoreCommas(body: Buffer, max: number): boolean {
  if (body.length <= max) return false
  let commas = 0
  for (const byte of body) if (byte === COMMA) commas += 1
  return commas > max
}
