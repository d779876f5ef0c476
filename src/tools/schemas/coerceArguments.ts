import { isObject, type JsonObject } from '../../contract/jsonObject.ts'
import type { JsonSchema } from '../../contract/toolParts.ts'
import { ExactNumber, parseExact } from '../../contract/exactJson.ts'

/** The forms in which models omit a value; they also write numbers and lists as strings. */
/**
 * Converts arguments where only one meaning is possible: a number, boolean, list or object written as a string, and
 * null for an optional argument. Everything that matches its schema, or is ambiguous, is unchanged.
 */
export function coerceArguments(parameters: JsonSchema, args: unknown): unknown {
  return coerce(parameters, args, parameters, 0)
}

/** Deeper values are unchanged. */
const MAX_LEVELS = 20

function coerce(schema: unknown, value: unknown, root: JsonObject, level: number): unknown {
  const resolved = resolve(schema, root)
  if (!resolved || level > MAX_LEVELS) return value
  const types = typesOf(resolved)
  const meant = types.length > 0 && !fits(value, types) ? convert(value, types) : value
  if (Array.isArray(meant)) {
    const { items } = resolved
    return isObject(items) ? meant.map((item: unknown) => coerce(items, item, root, level + 1)) : meant
  }
  return isObject(meant) ? coerceMembers(resolved, meant, root, level) : meant
}

function coerceMembers(schema: JsonObject, value: JsonObject, root: JsonObject, level: number): unknown {
  const { properties, required } = schema
  if (!isObject(properties)) return value
  const needed: unknown[] = Array.isArray(required) ? required : []
  const entries = Object.entries(value).flatMap(([name, member]): [string, unknown][] => {
    const described = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (described === undefined) return [[name, member]]
    if (member === null && !needed.includes(name) && !allowsNull(described, root)) return []
    return [[name, coerce(described, member, root, level + 1)]]
  })
  return Object.fromEntries(entries)
}

function convert(value: unknown, types: readonly string[]): unknown {
  if (typeof value !== 'string' || types.includes('string')) return value
  const text = value.trim()
  if (!/^(?:-?\d|[[{]|true$|false$|null$)/.test(text)) return value
  const parsed = parse(text)
  return parsed === undefined || !fits(parsed, types) ? value : parsed
}

/** Undefined if it is not JSON. */
function parse(text: string): unknown {
  try {
    return parseExact(text)
  } catch {
    return undefined
  }
}

function fits(value: unknown, types: readonly string[]): boolean {
  if (value === null) return types.includes('null')
  if (Array.isArray(value)) return types.includes('array')
  if (value instanceof ExactNumber) {
    return types.includes('number') || (types.includes('integer') && /^-?\d+$/.test(String(value)))
  }
  if (typeof value === 'number') {
    return types.includes('number') || (types.includes('integer') && Number.isInteger(value))
  }
  return types.includes(typeof value)
}

/** The types that a schema allows, if it has "type"; otherwise empty. */
function typesOf(schema: JsonObject): string[] {
  const { type } = schema
  return [type].flat().filter((one): one is string => typeof one === 'string')
}

/** Whether null may be meant: a schema that is not fully described by "type" may allow it. */
function allowsNull(described: unknown, root: JsonObject): boolean {
  const schema = resolve(described, root)
  if (!schema) return true
  const types = typesOf(schema)
  return types.length === 0 || types.includes('null')
}

/** A schema, or the target of its reference within the parameters. */
function resolve(schema: unknown, root: JsonObject): JsonObject | undefined {
  let at = schema
  for (let hops = 0; hops < 20 && isObject(at) && typeof at['$ref'] === 'string'; hops += 1) {
    const name = /^#\/(?:\$defs|definitions)\/([^/]+)$/.exec(at['$ref'])?.[1]
    const defs = root['$defs'] ?? root['definitions']
    at = name !== undefined && isObject(defs) && Object.hasOwn(defs, name) ? defs[name] : undefined
  }
  return isObject(at) ? at : undefined
}
