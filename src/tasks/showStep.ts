import { redactText } from '../telemetry/redact.ts'

/** Characters of JSON that are shown of what went into a step, and of what came out. */
const MAX_SHOWN = 65_536

/** What stands for a value that is too long to be shown. */
export type Truncated = { truncated: true; characters: number; excerpt: string }

/**
 * A JSON value of the journal as people see it: without what looks like a key, and cut where it is long. The
 * journal itself keeps all of it, for the replay.
 */
export function showValue(value: unknown): unknown {
  const text = redactText(JSON.stringify(value ?? null))
  if (text.length <= MAX_SHOWN) return JSON.parse(text)
  const truncated: Truncated = { truncated: true, characters: text.length, excerpt: text.slice(0, MAX_SHOWN) }
  return truncated
}

/** A text of the journal as people see it. */
export function showText(text: string): string {
  const clean = redactText(text)
  return clean.length > MAX_SHOWN ? `${clean.slice(0, MAX_SHOWN)} … (${clean.length} characters)` : clean
}
