import { parseExact } from '../../contract/exactJson.ts'
import { redactText } from '../../telemetry/redact.ts'

/** Characters of JSON that are shown of what went into a step, and of what came out. */
const MAX_SHOWN = 65_536

/** Characters of a key that begins before the cut. */
const LONGEST_KEY = 4_096

/** What stands for a value that is too long to be shown. */
export type Truncated = { truncated: true; characters: number; excerpt: string }

/**
 * A JSON value of the journal as people see it: without what looks like a key, and cut where it is long. The
 * journal itself keeps all of it, for the replay.
 */
export function showValue(value: unknown): unknown {
  const text = JSON.stringify(value ?? null)
  if (text.length <= MAX_SHOWN) return parseExact(redactText(text))
  const truncated: Truncated = { truncated: true, characters: text.length, excerpt: excerptOf(text) }
  return truncated
}

/** A text of the journal as people see it. */
export function showText(text: string): string {
  return text.length > MAX_SHOWN ? `${excerptOf(text)} … (${text.length} characters)` : redactText(text)
}

/** Cut first, so that a long text costs no more than a short one; with room for a key that the cut would halve. */
function excerptOf(text: string): string {
  return redactText(text.slice(0, MAX_SHOWN + LONGEST_KEY))
    .slice(0, MAX_SHOWN)
    .toWellFormed()
}
