import { MAX_SHOWN, parseJson } from '../httpResult.ts'
import type { CallToolResult } from './client.ts'

/** What the model is told about the result of a call. */
export type McpResult = {
  /** What the server says, for reading. */
  text?: string
  /** What it says as data; then the text, which says the same, is left out. */
  data?: unknown
  /** Says what was left out. */
  note?: string
}

/** Tells the model about a result, at a length that it can take, without secrets. */
export function toMcpResult(result: CallToolResult, redact: (text: string) => string): McpResult {
  const { texts, notes } = readContent(result.content)
  const data = result.structuredContent && cleanJson(result.structuredContent, redact)
  if (data !== undefined) return { data, ...noteOf(notes) }
  const text = redact(texts.join('\n\n'))
  if (text.length <= MAX_SHOWN) return { ...(text === '' ? {} : { text }), ...noteOf(notes) }
  const cut = `The text is cut: these are its first ${MAX_SHOWN} characters of ${text.length}.`
  return { text: text.slice(0, MAX_SHOWN).toWellFormed(), ...noteOf([cut, ...notes]) }
}

/** Characters that an error shows. */
const MAX_EXCERPT = 2_000

/** What the model is told when the server calls a result an error. */
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

/** Data without secrets; undefined when it is too long or too deep, or no data any more without them. */
function cleanJson(data: unknown, redact: (text: string) => string): unknown {
  const text = redact(JSON.stringify(data))
  return text.length > MAX_SHOWN ? undefined : parseJson(text)
}

function noteOf(notes: string[]): { note?: string } {
  return notes.length > 0 ? { note: notes.join(' ') } : {}
}
