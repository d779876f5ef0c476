/** No provider that signs inside of its JSON sends more; a larger body is not parsed before it is verified. */
const MAX_BYTES = 4 * 1024 * 1024

/** The JSON of a body; undefined when it is none, or too large. */
export function bodyJson(rawBody: Buffer, maxBytes = MAX_BYTES): unknown {
  if (rawBody.length > maxBytes) return undefined
  try {
    return JSON.parse(rawBody.toString())
  } catch {
    return undefined
  }
}
