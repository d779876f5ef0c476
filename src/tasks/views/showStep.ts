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
