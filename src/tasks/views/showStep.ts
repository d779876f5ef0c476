import { parseExact } from '../../contract/exactJson.ts'
import { redactText } from '../../telemetry/redact.ts'

/** Maximum characters of JSON shown of a step's input and output. */
const MAX_SHOWN = 65_536

/** Length of a key that may start before the cut. */
const LONGEST_KEY = 4_096

/** Shown in place of a value that is too long. */
export type Truncated = { truncated: true; characters: number; excerpt: string }

/**
 * A JSON value of the journal for display: without anything that looks like a key, and truncated. The journal itself
 * keeps all of it, for replays.
 */
export function showValue(value: unknown): unknown {
  const text = JSON.stringify(value ?? null)
  if (text.length <= MAX_SHOWN) return parseExact(redactText(text))
  const truncated: Truncated = { truncated: true, characters: text.length, excerpt: excerptOf(text) }
  return truncated
}

/**
 * SQL that reads a value of the journal for {@link showStored}: as much of its text as is shown, and its length, so that
 * a large value stays in the database.
 *
 * @param column a column of type json
 */
export function shownColumns(column: string, name: string): string {
  const text = `${column}::text`
  return `case when char_length(${text}) > ${MAX_SHOWN} then left(${text}, ${MAX_SHOWN + LONGEST_KEY}) else ${text} end
    as ${name}, char_length(${text}) as ${name}_characters`
}

/** A value that was read with {@link shownColumns}, as {@link showValue} shows it. */
export function showStored(text: string | null, characters: number | null): unknown {
  if (text === null || characters === null) return null
  if (characters <= MAX_SHOWN) return showValue(parseExact(text))
  const truncated: Truncated = { truncated: true, characters, excerpt: excerptOf(text) }
  return truncated
}

/** A text of the journal for display. */
export function showText(text: string): string {
  return text.length > MAX_SHOWN ? `${excerptOf(text)} … (${text.length} characters)` : redactText(text)
}

/**
 * Truncated first, so that a long text costs no more than a short one; with a margin for a key that the cut would
 * split.
 */
function excerptOf(text: string): string {
  return redactText(text.slice(0, MAX_SHOWN + LONGEST_KEY))
    .slice(0, MAX_SHOWN)
    .toWellFormed()
}
