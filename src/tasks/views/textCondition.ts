import { Buffer } from 'node:buffer'

/** Adds a value to a statement, and gives its placeholder. */
export type AddValue = (value: unknown) => string

/** Bytes of a payload that are searched, from its beginning: what one task can cost is limited. */
const SEARCHED_BYTES = 1024 * 1024

/**
 * SQL that finds a text in the payload, the result or the error of `tasks t`, in any case.
 *
 * Values are searched as JSON text, so what is looked for is written as JSON first: as most programs write it, and with
 * escapes for everything but ASCII, as others write payloads. A payload is read as LATIN1, which decodes any bytes, so
 * that it can be cut anywhere. The collation "C" makes this several times as fast, and lowers only ASCII; so letters
 * beyond are looked for as they are, in lower and in upper case.
 */
export function textCondition(text: string, add: AddValue): string {
  const written = [...new Set([text, text.toLowerCase(), text.toUpperCase()])].map((form) =>
    JSON.stringify(form).slice(1, -1),
  )
  const payloads = [...written, ...written.map(escapeNonAscii)].map((form) =>
    Buffer.from(form, 'utf8').toString('latin1'),
  )
  return `(${[
    ...contains(`convert_from(substring(t.payload for ${SEARCHED_BYTES}), 'LATIN1')`, payloads, add),
    ...contains('t.result::text', written, add),
    ...contains('t.error::text', written, add),
  ].join(' or ')})`
}

function contains(value: string, texts: string[], add: AddValue): string[] {
  const lower = new Set(texts.map((text) => text.replace(/[A-Z]/g, (char) => char.toLowerCase())))
  return [...lower].map((text) => `strpos(lower(${value} collate "C"), ${add(text)}) > 0`)
}

function escapeNonAscii(text: string): string {
  return text.replace(/[^\0-\x7f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
