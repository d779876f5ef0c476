/** A text, or nothing. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The items of a list; of anything else none. */
export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
