/** Shorter values occur in ordinary text; removing them would only damage it. */
const MIN_LENGTH = 4

const PLACEHOLDER = '[redacted]'

/**
 * Creates a function that removes secret values from external text: unchanged, and in their encoded forms in URLs,
 * JSON, HTML and Base64.
 */
export function createRedact(secrets: Iterable<string>): (text: string) => string {
  const forms = new Set<string>()
  for (const secret of secrets) {
    for (const form of formsOf(secret)) if (form.length >= MIN_LENGTH) forms.add(form)
  }
  // Longest first: one may contain another.
  const ordered = [...forms].toSorted((a, b) => b.length - a.length)
  return (text) => ordered.reduce((clean, form) => clean.replaceAll(form, PLACEHOLDER), text)
}

function formsOf(secret: string): string[] {
  const trimmed = secret.trim()
  if (trimmed.length < MIN_LENGTH) return []
  const wellFormed = trimmed.toWellFormed()
  const encoded = encodeURIComponent(wellFormed)
  const json = JSON.stringify(trimmed).slice(1, -1)
  const bytes = Buffer.from(wellFormed)
  return [
    trimmed,
    encoded,
    encoded.replaceAll('%20', '+'),
    encoded.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    json,
    json.replaceAll('/', '\\/'),
    json.replaceAll(/[^\x20-\x7e]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`),
    trimmed
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;'),
    bytes.toString('base64'),
    bytes.toString('base64url'),
  ]
}
