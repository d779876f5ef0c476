import { ExactNumber } from '../../../../src/contract/exactJson.ts'
import type { CompletionSample } from './sample.ts'

/** How many variables a variable may be made of: `assign` and `for` can follow each other. */
const MAX_DEPTH = 6

/** Characters before the cursor in which variables are looked for. */
const MAX_BEFORE = 20_000

export type Scope = Record<string, unknown>

/**
 * The variables at the end of a text: those that every template has, and those that `for` and `assign` before it define.
 * A loop variable has the value of the first element.
 */
export function scopeAt(before: string, sample: CompletionSample): Scope {
  const scope: Scope = { ...sample, now: new Date().toISOString() }
  const text = before.slice(-MAX_BEFORE)
  const defined =
    /\{%-?\s*(?:for\s+([A-Za-z_]\w*)\s+in|assign\s+([A-Za-z_]\w*)\s*=)\s+([A-Za-z_][\w.[\]"'-]*)/g
  const found = [...text.matchAll(defined)].slice(-50)
  for (let round = 0; round < Math.min(found.length, MAX_DEPTH); round += 1) {
    for (const [, element, variable, path = ''] of found) {
      const value = lookUp(scope, path)
      if (variable !== undefined) scope[variable] = value
      if (element !== undefined) scope[element] = Array.isArray(value) ? (value[0] as unknown) : undefined
    }
  }
  if (found.some(([, element]) => element !== undefined)) {
    scope['forloop'] = { index: 1, index0: 0, first: true, last: false, length: 1 }
  }
  return scope
}

/** The value that a path leads to, as Liquid looks it up; undefined where there is none. */
export function lookUp(scope: Scope, path: string): unknown {
  const parts = path.match(/[\w-]+|\["[^"]*"\]|\['[^']*'\]/g) ?? []
  return parts.reduce<unknown>(
    (value, part) => member(value, part.replace(/^\[["'](.*)["']\]$/, '$1')),
    scope,
  )
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || value instanceof ExactNumber) return undefined
  if (Array.isArray(value)) {
    if (name === 'first') return value[0]
    if (name === 'last') return value.at(-1)
    return value.at(Number(name))
  }
  return Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined
}
