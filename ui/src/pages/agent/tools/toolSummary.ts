import type { Tool } from '../../../../../src/contract/agent.ts'
import { isObject, type JsonObject } from '../../../../../src/contract/jsonObject.ts'
import { secretNames } from '../../../../../src/contract/secretNames.ts'
import { BUILTINS, isBuiltin } from './builtins.ts'
import { Draft, nameOf } from './toolList.ts'

/** What a row says about a tool, whatever state its JSON is in. */
export type ToolSummary = {
  /** HTTP, OpenAPI, MCP, Built-in, or what the JSON says. */
  kind: string
  name: string
  about: string
  /** What is called: a method and a host, a URL, a command. */
  target: string | undefined
  access: string | undefined
  approval: string | undefined
  secrets: string[]
}

const KINDS: Record<string, string> = { http: 'HTTP', openapi: 'OpenAPI', mcp: 'MCP', builtin: 'Built-in' }

const APPROVAL: Record<string, string> = {
  always: 'Needs approval',
  unverified: 'Needs approval if unverified',
  never: 'No approval',
}

/**
 * @param saved the same tool as the server has it, with what was imported; undefined when it was never saved
 */
export function summarise(tool: unknown, saved: Tool | undefined): ToolSummary {
  const members: JsonObject = isObject(tool) ? tool : {}
  const type = text(members['type'])
  return {
    kind: KINDS[type] ?? 'Unknown type',
    name: nameOf(tool) ?? 'Unnamed',
    about: aboutOf(type, members, saved),
    target: targetOf(type, members),
    access: accessOf(type, members, saved),
    approval: approvalOf(type, members),
    secrets: [...new Set(textsIn(members).flatMap((one) => [...secretNames(one)]))],
  }
}

function aboutOf(type: string, members: JsonObject, saved: Tool | undefined): string {
  if (type === 'http') return firstLine(text(members['description']))
  if (type === 'builtin') return isBuiltin(members['name']) ? BUILTINS[members['name']].about : ''
  const chosen = members[type === 'mcp' ? 'tools' : 'operations']
  const names = Array.isArray(chosen) ? chosen.map(text) : undefined
  if (type === 'mcp') {
    const server = saved?.type === 'mcp' ? saved.imported?.server?.name : undefined
    const what = names === undefined ? 'All tools' : several(names.length, 'tool')
    return `${what}${server === undefined ? '' : ` of ${server}`}${names === undefined ? '' : `: ${list(names)}`}`
  }
  if (type === 'openapi') {
    const title = saved?.type === 'openapi' ? saved.imported?.title : undefined
    const of = title === undefined || title === '' ? '' : ` of ${title}`
    return `${several(names?.length ?? 0, 'operation')}${of}${names ? `: ${list(names)}` : ''}`
  }
  return ''
}

function targetOf(type: string, members: JsonObject): string | undefined {
  const url = text(members['url'])
  if (type === 'http') return [text(members['method']) || 'GET', hostOf(url)].filter(Boolean).join(' ')
  if (url !== '') return hostOf(url)
  const command = [members['command'], ...(Array.isArray(members['args']) ? members['args'] : [])]
  if (typeof members['command'] === 'string') return command.map(text).join(' ')
  return members['document'] === undefined ? undefined : 'Pasted document'
}

/** The host of a URL template; a secret in its place stays as it is written. */
export function hostOf(url: string): string {
  return /^\s*(?:https?:\/\/)?((?:\{\{.*?\}\}|[^/?#{\s])+)/i.exec(url)?.[1] ?? ''
}

function accessOf(type: string, members: JsonObject, saved: Tool | undefined): string | undefined {
  if (type === 'builtin') return 'Read'
  if (type === 'http') {
    return { read: 'Read', write: 'Write' }[text(members['access'])] ?? undefined
  }
  const all = importedOf(saved)
  if (!all) return undefined
  const own: JsonObject = isObject(members['access']) ? members['access'] : {}
  const writes = all.filter(({ key, access }) => (own[key] ?? access) === 'write').length
  const reads = all.length - writes
  return [reads > 0 ? `${reads} read` : '', writes > 0 ? `${writes} write` : ''].filter(Boolean).join(', ')
}

/** What was imported of a saved tool, by the source's names. */
export function importedOf(saved: Tool | undefined) {
  if (saved?.type === 'mcp') return saved.imported?.tools.map((one) => ({ ...one, key: one.tool }))
  if (saved?.type === 'openapi')
    return saved.imported?.operations.map((one) => ({ ...one, key: one.operation }))
  return undefined
}

function approvalOf(type: string, members: JsonObject): string | undefined {
  const rule = members['approval']
  if (type === 'http') return APPROVAL[text(rule)]
  if (!isObject(rule) || rule instanceof Draft) return undefined
  const needing = Object.values(rule).filter((one) => one === 'always').length
  return needing === 0 ? undefined : `${needing} ${needing === 1 ? 'needs' : 'need'} approval`
}

/** Every text in a tool: any of them may be a template. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (value instanceof Draft) return [value.text]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) =>
    name === 'document' || name === 'parameters' ? [] : textsIn(member),
  )
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function firstLine(value: string): string {
  return value.trim().split('\n', 1)[0] ?? ''
}

function several(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** The first names of a list. */
function list(names: readonly string[]): string {
  return names.length > 4 ? `${names.slice(0, 4).join(', ')} …` : names.join(', ')
}
