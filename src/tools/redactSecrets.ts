/** Shorter values occur in ordinary text; removing them would only damage it. */
const MIN_LENGTH = 4

const PLACEHOLDER = '[redacted]'

/**
 * Creates a function that removes secret values from external text: unchanged, and in their encoded forms in URLs,
 * JSON, HTML and Base64.
 */
export function createRedact(secrets: Iterable<string>): (text: string) => string {
  return replaceForms(secrets, MIN_LENGTH)
}

/** The same for our own requests, in which any piece of a secret is masked, however short it is. */
export function createMask(secrets: Iterable<string>): (text: string) => string {
  return replaceForms(secrets, 1)
}

function replaceForms(secrets: Iterable<string>, minLength: number): (text: string) => string {
  const forms = new Set<string>()
  for (const secret of secrets) {
    for (const form of formsOf(secret, minLength)) if (form.length >= minLength) forms.add(form)
  }
  // Longest first: one may contain another.
  const ordered = [...forms].toSorted((a, b) => b.length - a.length)
  return (text) => ordered.reduce((clean, form) => clean.replaceAll(form, PLACEHOLDER), text)
}

function formsOf(secret: string, minLength: number): string[] {
  const trimmed = secret.trim()
  if (trimmed.length < minLength) return []
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
