import type { Buffer } from 'node:buffer'
import { jsonText } from '../../db/jsonText.ts'
import { shorten } from '../../contract/shorten.ts'
import { redactJson, redactText } from '../../telemetry/redact.ts'
import { eventTitle } from './eventTitle.ts'
import { titleOf } from './title.ts'

/** Characters of an excerpt. */
const LENGTH = 160

/**
 * Bytes of a payload that are read for its excerpt: more than are shown, so that no key is cut before it is recognised.
 */
export const EXCERPT_BYTES = 4_096 + LENGTH * 4

/** SQL for what the sender of the task `t` calls the event, or the name of its schedule. */
export const EVENT = `coalesce(${jsonText('t.request', 'event')}, ${jsonText('t.request', 'schedule')}::json ->> 'name')`

const LONE_QUESTION = /^\s*\{\s*"question"\s*:\s*("(?:[^"\\]|\\.)*")\s*\}\s*$/s

/**
 * A payload for a list, without anything that looks like a secret: what it is about, and its beginning in one line, of a
 * lone question its text, of anything else its JSON.
 *
 * @param beginning its first {@link EXCERPT_BYTES} bytes
 * @param event what the sender calls the event: the title of a payload that has no text to serve as one
 */
export function excerptOf(beginning: Buffer, event?: string | null): { title: string; excerpt: string } {
  // Spaces after a name, as in formatted JSON, would hide it from the search for secrets.
  const text = redactJson(beginning.toString('utf8').replace(/":\s+/g, '":'))
  const question = LONE_QUESTION.exec(text)?.[1]
  const shown = (question === undefined ? text : readString(question)).replace(/\s+/g, ' ').trim()
  const title = titleOf(text) ?? eventTitle(text, event == null ? undefined : redactText(event))
  return { title, excerpt: shorten(shown, LENGTH) }
}

function readString(json: string): string {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'string' ? value : json
  } catch {
    return json
  }
}
