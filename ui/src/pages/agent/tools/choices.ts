import { isObject, type JsonObject } from '../../../../../src/contract/jsonObject.ts'
import type { Tool } from '../../../../../src/contract/agent.ts'
import type { SourceTool, ToolOffer } from './toolCalls.ts'
import { Draft, withMember } from './toolList.ts'
import { importedOf } from './toolSummary.ts'

/** What can be chosen of a source: an operation of a document, or a tool of a server. */
export type Choice = SourceTool & { chosen: boolean; ownAccess: string; ownApproval: string }

/**
 * The rows of what can be chosen, as far as it is known: what the source offers, or else what was imported, and what
 * the tool names. Undefined when the tool holds something else, which only JSON can show.
 *
 * @param member `operations` of a document, `tools` of a server; a server without it gives all
 */
export function toChoices(
  tool: JsonObject,
  {
    member,
    offer,
    saved,
  }: { member: 'operations' | 'tools'; offer: ToolOffer | undefined; saved: Tool | undefined },
): Choice[] | undefined {
  const named = tool[member] === undefined ? undefined : textList(tool[member])
  const access = textRecord(tool['access'])
  const approval = textRecord(tool['approval'])
  if ((tool[member] !== undefined && !named) || !access || !approval) return undefined
  const known: SourceTool[] = offer?.data ?? importedRows(saved)
  const chosen = new Set(named ?? (member === 'tools' ? known.map(({ name }) => name) : []))
  const missing = [...chosen].filter((name) => !known.some((one) => one.name === name))
  return [...missing.map((name) => unknownRow(name, offer !== undefined)), ...known].map((one) => ({
    ...one,
    chosen: chosen.has(one.name),
    ownAccess: access[one.name] ?? '',
    ownApproval: approval[one.name] ?? '',
  }))
}

function importedRows(saved: Tool | undefined): SourceTool[] {
  return (importedOf(saved) ?? []).map((one) => ({
    name: one.key,
    summary: one.description.split('\n', 1)[0] ?? '',
    access: one.access,
    ...('method' in one ? { method: one.method, path: one.path } : {}),
    ...('approval' in one && one.approval !== undefined ? { approval: one.approval } : {}),
  }))
}

function unknownRow(name: string, isListed: boolean): SourceTool {
  return {
    name,
    summary: '',
    access: 'write',
    ...(isListed ? { fault: 'The source does not list it.' } : {}),
  }
}

/**
 * The tool with this choice. Settings of what is not chosen any more are removed: the server would refuse them.
 *
 * @param names in the order of the list; undefined for all tools of a server
 */
export function withChosen(
  tool: JsonObject,
  member: 'operations' | 'tools',
  names: readonly string[] | undefined,
): JsonObject {
  const next = withMember(tool, member, names)
  if (names === undefined) return next
  return (['access', 'approval'] as const).reduce((all, field) => {
    const own = textRecord(all[field])
    if (!own || all[field] === undefined) return all
    const kept = Object.entries(own).filter(([name]) => names.includes(name))
    return withMember(all, field, kept.length === 0 ? undefined : Object.fromEntries(kept))
  }, next)
}

/** The tool with a setting of one of what it has; an empty one leaves it to the source. */
export function withSetting(
  tool: JsonObject,
  field: 'access' | 'approval',
  { name, value }: { name: string; value: string },
): JsonObject {
  const own = withMember(textRecord(tool[field]) ?? {}, name, value === '' ? undefined : value)
  return withMember(tool, field, Object.keys(own).length === 0 ? undefined : own)
}

function textList(value: unknown): string[] | undefined {
  return Array.isArray(value) && value.every((item): item is string => typeof item === 'string')
    ? value
    : undefined
}

function textRecord(value: unknown): Record<string, string> | undefined {
  if (value === undefined) return {}
  if (!isObject(value) || value instanceof Draft) return undefined
  const pairs = Object.entries(value)
  return pairs.every((pair): pair is [string, string] => typeof pair[1] === 'string')
    ? Object.fromEntries(pairs)
    : undefined
}
