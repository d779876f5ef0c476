import { isObject, type JsonObject } from '../../../../../src/contract/jsonObject.ts'
import { parseJson, prettyJson } from '../../../lib/json.ts'

/**
 * What a person has typed where JSON belongs, while it is not JSON: a member of a tool. The text of the whole list then
 * holds it as it is, so that nothing is lost and the list cannot be saved.
 */
export class Draft {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** One tool of the list, with a key that it keeps while it is edited and moved. */
export type Entry = { key: number; tool: unknown }

export type ToolList = { ok: true; entries: Entry[] } | { ok: false; error: string }

let lastKey = 0

/**
 * Reads the list of tools that a text holds.
 *
 * @param before the list that was there before: its keys are used again, so that what is open stays open
 */
export function readTools(text: string, before: readonly Entry[] = []): ToolList {
  const parsed = text.trim() === '' ? { ok: true as const, value: [] } : parseJson(text)
  if (!parsed.ok) return parsed
  if (!Array.isArray(parsed.value)) return { ok: false, error: 'Enter a JSON array: [ … ]' }
  const tools: unknown[] = parsed.value
  return { ok: true, entries: tools.map((tool, at) => ({ key: before[at]?.key ?? newKey(), tool })) }
}

/** A key for one more tool. */
export function newKey(): number {
  lastKey += 1
  return lastKey
}

/** Writes the list as text. It is JSON, unless it holds drafts. */
export function writeTools(entries: readonly Entry[]): string {
  const drafts: Draft[] = []
  const text = prettyJson(entries.map(({ tool }) => withMarks(tool, drafts)))
  const written = drafts.reduce(
    (all, draft, at) => all.replace(JSON.stringify(mark(at)), () => rawText(draft)),
    text,
  )
  const isBroken = drafts.length === 0 || !parseJson(written).ok
  return isBroken ? written : `${written} /* contains text that is not JSON */`
}

/** JSON of its own is no JSON here: something in it is wrong all the same. */
function rawText({ text }: Draft): string {
  return parseJson(text).ok ? `${text} /* is not valid here */` : text
}

function mark(at: number): string {
  return `\u0000draft ${at}\u0000`
}

function withMarks(value: unknown, drafts: Draft[]): unknown {
  if (value instanceof Draft) return mark(drafts.push(value) - 1)
  if (Array.isArray(value)) return value.map((item) => withMarks(item, drafts))
  if (!isObject(value) || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withMarks(member, drafts)]))
}

/** Whether a tool holds text that is not JSON yet. */
export function hasDraft(value: unknown): boolean {
  if (value instanceof Draft) return true
  return typeof value === 'object' && value !== null && Object.values(value).some(hasDraft)
}

/** The tool with another value of a member, in its place; undefined removes it. */
export function withMember(tool: JsonObject, name: string, value: unknown): JsonObject {
  if (value === undefined) return Object.fromEntries(Object.entries(tool).filter(([key]) => key !== name))
  return { ...tool, [name]: value }
}

/** The list with one more tool, under a name that no other has. */
export function addTool(entries: readonly Entry[], tool: unknown, at = entries.length): Entry[] {
  const taken = new Set(entries.map((entry) => nameOf(entry.tool)))
  const name = nameOf(tool)
  const named = isObject(tool) && name !== undefined ? { ...tool, name: freeName(name, taken) } : tool
  return entries.toSpliced(at, 0, { key: newKey(), tool: named })
}

function freeName(name: string, taken: ReadonlySet<string | undefined>): string {
  if (!taken.has(name)) return name
  const stem = name.replace(/_\d+$/, '')
  for (let next = 2; ; next += 1) {
    const candidate = `${stem}_${next}`
    if (!taken.has(candidate)) return candidate
  }
}

/** The list with the tool at a place moved to another. */
export function moveTool(entries: readonly Entry[], from: number, to: number): Entry[] {
  const entry = entries[from]
  return entry ? entries.toSpliced(from, 1).toSpliced(to, 0, entry) : [...entries]
}

/** The name that a tool gives itself. */
export function nameOf(tool: unknown): string | undefined {
  return isObject(tool) && typeof tool['name'] === 'string' ? tool['name'] : undefined
}
