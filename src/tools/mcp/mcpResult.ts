import { MAX_SHOWN, parseJson } from '../httpResult.ts'
import type { CallToolResult } from './client.ts'

/** The description of a call's result for the model. */
export type McpResult = {
  /** The text of the result. */
  text?: string
  /** The structured data; then the text, which repeats it, is omitted. */
  data?: unknown
  /** What was omitted. */
  note?: string
}

/** Describes a result to the model, at a limited length, without secrets. */
export function toMcpResult(result: CallToolResult, redact: (text: string) => string): McpResult {
  const { texts, notes } = readContent(result.content)
  const data = result.structuredContent && cleanJson(result.structuredContent, redact)
  if (data !== undefined) return { data, ...noteOf(notes) }
  const text = redact(texts.join('\n\n'))
  if (text.length <= MAX_SHOWN) return { ...(text === '' ? {} : { text }), ...noteOf(notes) }
  const cut = `The text is truncated: these are the first ${MAX_SHOWN} of ${text.length} characters.`
  return { text: text.slice(0, MAX_SHOWN).toWellFormed(), ...noteOf([cut, ...notes]) }
}

/** Characters shown in an error. */
const MAX_EXCERPT = 2_000

/** The error text for the model when the server marks a result as an error. */
export function describeMcpFailure(result: CallToolResult, redact: (text: string) => string): string {
  const text = redact(readContent(result.content).texts.join('\n\n')).trim()
  if (text === '') return 'The tool failed without an error message.'
  return text.length > MAX_EXCERPT ? `${text.slice(0, MAX_EXCERPT).toWellFormed()} …` : text
}

function readContent(content: CallToolResult['content']): { texts: string[]; notes: string[] } {
  const texts: string[] = []
  const notes: string[] = []
  for (const part of content) {
    if (part.type === 'text') texts.push(part.text)
    else if (part.type === 'resource_link') texts.push(`${part.name}: ${part.uri}`)
    else if (part.type === 'resource' && 'text' in part.resource) texts.push(part.resource.text)
    else notes.push(`A part of type ${part.type} is not text and is not shown.`)
  }
  return { texts, notes }
}

/** Data without secrets; undefined when it is too long or too deep, or is no longer valid without them. */
function cleanJson(data: unknown, redact: (text: string) => string): unknown {
  const text = redact(JSON.stringify(data))
  return text.length > MAX_SHOWN ? undefined : parseJson(text)
}

function noteOf(notes: string[]): { note?: string } {
  return notes.length > 0 ? { note: notes.join(' ') } : {}
}
