/** Characters of a value that the list shows. */
const MOST = 2_000

/** An operation of the API as a person reads it: "updateAgent" is "Update agent". */
export function inWords(operation: string): string {
  const words = operation
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase()
    .replace(/\bapi\b/g, 'API')
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}

/** "api_key" is "API key". */
export function readableKind(kind: string): string {
  return inWords(kind.replaceAll('_', ' '))
}

/** A value before or after a change; texts as they are, everything else as JSON. */
export function shownValue(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value, undefined, 2) ?? '')
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text
}
