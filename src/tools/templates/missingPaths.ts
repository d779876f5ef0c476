import { evaluatedParts } from '../../contract/templateParts.ts'
import { parseLiquid } from './liquid.ts'

/** Paths below a variable. */
export type ReadPaths = readonly (readonly (string | number)[])[]

/** Characters of a template, and paths in it, up to which it is looked at: each path is looked for in all of it. */
const MAX_TEXT = 100_000
const MAX_PATHS = 200

/**
 * The paths below a variable, such as `payload`, that a template writes whatever the variable holds. Those that it asks about, in a condition
 * or with a default, and those that it writes only under a condition are not among them: they may well be missing.
 *
 * @throws TemplateError
 */
export function writtenPaths(text: string, variable = 'payload'): ReadPaths {
  if (!text.includes(variable) || text.length > MAX_TEXT) return []
  const { certain, guards } = sortParts(text)
  const paths = parseLiquid(text, 'text')
    .paths()
    .filter(([root, ...rest]) => root === variable && rest.length > 0)
    .slice(0, MAX_PATHS)
    .map(([, ...path]): [string, ReadPaths[number]] => [describePath(path, variable), path])
    .filter(([name]) => certain.some((part) => mentions(part, name)))
    .filter(([name]) => !guards.some((part) => mentions(part, name)))
  return [...new Map(paths).values()]
}

/** The parts of a template that are evaluated in any case, and those that ask whether something is there. */
function sortParts(text: string): { certain: string[]; guards: string[] } {
  const certain: string[] = []
  const guards: string[] = []
  let depth = 0
  for (const written of evaluatedParts(text)) {
    const part = written.replaceAll(/\[\s*(["'])([\w-]+)\1\s*\]/g, '.$2')
    const tag = /^\{%-?\s*(\w+)/.exec(part)?.[1] ?? ''
    if (CLOSING.has(tag)) depth -= 1
    if (ASKING.has(tag) || /\|\s*default\b/.test(part)) guards.push(part)
    else if (depth === 0 && tag !== 'liquid') certain.push(part)
    if (OPENING.has(tag)) depth += 1
  }
  return { certain, guards }
}

/** Tags whose content is not written in any case. */
const OPENING = new Set(['if', 'unless', 'case', 'comment', 'raw', 'capture'])
const CLOSING = new Set(['endif', 'endunless', 'endcase', 'endcomment', 'endraw', 'endcapture'])
const ASKING = new Set(['if', 'elsif', 'unless', 'case', 'when'])

/** A path as templates write it: `payload.items[0].name`. */
export function describePath(path: readonly (string | number)[], variable = 'payload'): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return /^[\w-]+$/.test(part) ? `${text}.${part}` : `${text}[${JSON.stringify(part)}]`
  }, variable)
}

/** Whether a value has what a path leads to, as Liquid looks it up. What is there and null counts as there. */
export function hasPath(value: unknown, path: readonly (string | number)[]): boolean {
  let at = value
  for (const part of path) {
    if (part === 'size' && (typeof at === 'string' || (typeof at === 'object' && at !== null))) return true
    if (typeof at !== 'object' || at === null) return false
    const key = Array.isArray(at) ? indexOf(part, at.length) : part
    if (!Object.hasOwn(at, key)) return false
    at = Reflect.get(at, key)
  }
  return true
}

/** The index that Liquid understands under a name or a number. */
function indexOf(part: string | number, length: number): string | number {
  if (part === 'first') return 0
  if (part === 'last') return length - 1
  return typeof part === 'number' && part < 0 ? length + part : part
}

/** Whether a part names a path, and not only a longer or a shorter one. */
function mentions(part: string, name: string): boolean {
  for (let at = part.indexOf(name); at !== -1; at = part.indexOf(name, at + 1)) {
    if (!/[\w.[-]/.test(part[at + name.length] ?? '') && !/[\w.-]/.test(part[at - 1] ?? '')) return true
  }
  return false
}
