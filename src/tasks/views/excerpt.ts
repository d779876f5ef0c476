import type { Buffer } from 'node:buffer'
import { redactJson } from '../../telemetry/redact.ts'

/** Characters of an excerpt. */
const LENGTH = 160

/**
 * Bytes of a payload that are read for its excerpt: more than are shown, so that no key is cut before it is recognised.
 */
export const EXCERPT_BYTES = 4_096 + LENGTH * 4

const LONE_QUESTION = /^\s*\{\s*"question"\s*:\s*("(?:[^"\\]|\\.)*")\s*\}\s*$/s

/**
 * The beginning of a payload for a list, in one line: of a lone question its text, of anything else its JSON. Without
 * anything that looks like a secret.
 *
 * @param beginning its first {@link EXCERPT_BYTES} bytes
 */
export function excerptOf(beginning: Buffer): string {
  // Spaces after a name, as in formatted JSON, would hide it from the search for secrets.
  const text = redactJson(beginning.toString('utf8').replace(/":\s+/g, '":'))
  const question = LONE_QUESTION.exec(text)?.[1]
  const shown = (question === undefined ? text : readString(question)).replace(/\s+/g, ' ').trim()
  return shown.length > LENGTH ? `${shown.slice(0, LENGTH - 1).toWellFormed()}…` : shown.toWellFormed()
}

function readString(json: string): string {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'string' ? value : json
  } catch {
    return json
  }
}
