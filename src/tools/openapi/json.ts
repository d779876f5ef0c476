/** An object of JSON, of which nothing is known. */
export type JsonObject = Record<string, unknown>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A text, or nothing. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The items of a list; of anything else none. */
export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
