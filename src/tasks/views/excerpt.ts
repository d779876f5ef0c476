import type { Buffer } from 'node:buffer'
import { redactJson } from '../../telemetry/redact.ts'
import { shorten, titleOf } from './title.ts'

/** Characters of an excerpt. */
const LENGTH = 160

/** Characters of a title that is the beginning of the payload. */
const TITLE_LENGTH = 80

/**
 * Bytes of a payload that are read for its excerpt: more than are shown, so that no key is cut before it is recognised.
 */
export const EXCERPT_BYTES = 4_096 + LENGTH * 4

const LONE_QUESTION = /^\s*\{\s*"question"\s*:\s*("(?:[^"\\]|\\.)*")\s*\}\s*$/s

/**
 * A payload for a list, without anything that looks like a secret: what it is about, and its beginning in one line, of a
 * lone question its text, of anything else its JSON. Without a title, the beginning is it.
 *
 * @param beginning its first {@link EXCERPT_BYTES} bytes
 */
export function excerptOf(beginning: Buffer): { title: string; excerpt: string } {
  // Spaces after a name, as in formatted JSON, would hide it from the search for secrets.
  const text = redactJson(beginning.toString('utf8').replace(/":\s+/g, '":'))
  const question = LONE_QUESTION.exec(text)?.[1]
  const shown = (question === undefined ? text : readString(question)).replace(/\s+/g, ' ').trim()
  return { title: titleOf(text) ?? shorten(shown, TITLE_LENGTH), excerpt: shorten(shown, LENGTH) }
}

function readString(json: string): string {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'string' ? value : json
  } catch {
    return json
  }
}
