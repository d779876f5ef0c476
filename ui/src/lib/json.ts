import { ExactNumber, parseExact } from '../../../src/contract/exactJson.ts'
import { jsonFault } from './jsonFault.ts'

export type Parsed = { ok: true; value: unknown } | { ok: false; error: string }

/** Parses JSON that a person typed; the error gives the position. */
export function parseJson(text: string): Parsed {
  try {
    return { ok: true, value: parseExact(text) }
  } catch {
    return { ok: false, error: explain(text) }
  }
}

/** The width up to which a value stays on one line. */
const WIDTH = 76

/** Formats JSON for display and editing: indented, but what fits on one line stays there. */
export function prettyJson(value: unknown): string {
  return lay(value, '', 0)
}

function lay(value: unknown, indent: string, before: number): string {
  const line = inOneLine(value)
  if (!isComposite(value) || indent.length + before + line.length <= WIDTH) return line
  const inner = `${indent}  `
  const lines = Array.isArray(value)
    ? value.map((item) => lay(item, inner, 1))
    : Object.entries(value).map(([key, member]) => {
        const name = `${JSON.stringify(key)}: `
        return name + lay(member, inner, name.length + 1)
      })
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return `${open}\n${lines.map((each) => inner + each).join(',\n')}\n${indent}${close}`
}

function inOneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inOneLine).join(', ')}]`
  if (isComposite(value)) {
    const members = Object.entries(value).map(
      ([key, member]) => `${JSON.stringify(key)}: ${inOneLine(member)}`,
    )
    return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
  }
  return JSON.stringify(value) ?? 'null'
}

function isComposite(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof ExactNumber)
}

function explain(text: string): string {
  if (text.trim() === '') return 'Enter JSON, such as {} for an empty object.'
  const fault = jsonFault(text) ?? 0
  if (text.slice(fault).trim() === '') return 'Invalid JSON: unexpected end of input.'
  const before = text.slice(0, fault).split('\n')
  return `Invalid JSON at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}.`
}

export type Token = { kind: 'key' | 'text' | 'value' | 'plain'; text: string }

const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** Splits JSON text into tokens for highlighting. Joined, they are the same text again. */
export function tokens(json: string): Token[] {
  const found: Token[] = []
  let end = 0
  const plain = (text: string): void => {
    if (text !== '') found.push({ kind: 'plain', text })
  }
  for (const match of json.matchAll(TOKENS)) {
    plain(json.slice(end, match.index))
    const [whole, quoted, colon] = match
    if (quoted === undefined) found.push({ kind: 'value', text: whole })
    else found.push({ kind: colon === undefined ? 'text' : 'key', text: quoted })
    if (colon !== undefined) plain(colon)
    end = match.index + whole.length
  }
  plain(json.slice(end))
  return found
}
