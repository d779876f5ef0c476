import { shorten } from '../../contract/shorten.ts'

/** Characters of a title. */
const LENGTH = 120

/** Fields that say what a request is about, the most telling first. */
const NAMES = ['title', 'subject', 'question', 'summary', 'headline', 'message', 'text', 'description']

/** A field with a text; the last one of a payload that was cut may have no end. */
const FIELD = new RegExp(`"(${NAMES.join('|')})"\\s*:\\s*"((?:[^"\\\\]|\\\\.)*)(?:"|$)`, 'gis')

/**
 * What a payload is about: the text of its most telling field, wherever that is. Undefined when it has none.
 *
 * @param json the beginning of the payload, without secrets
 */
export function titleOf(json: string): string | undefined {
  const found = [...json.matchAll(FIELD)]
    .map(([, name = '', text = '']) => ({ rank: NAMES.indexOf(name.toLowerCase()), text: oneLine(text) }))
    .filter(({ text }) => text !== '')
    .toSorted((a, b) => a.rank - b.rank)[0]
  return found && shorten(found.text, LENGTH)
}

/** @param content what is between the quotes of a JSON string; a cut may have left half an escape at its end */
function oneLine(content: string): string {
  try {
    const text: unknown = JSON.parse(`"${content.replace(/\\u[\da-f]{0,3}$/i, '')}"`)
    return String(text).replace(/\s+/g, ' ').trim()
  } catch {
    return ''
  }
}
