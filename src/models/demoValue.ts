import { isObject } from '../contract/jsonObject.ts'
import { valueAtFragment } from '../contract/jsonPointer.ts'

/** Nesting depth at which the demo model stops, so that recursive schemas terminate. */
const MAX_DEPTH = 8

/** About how many characters of JSON a value has at most: a short schema can ask for millions of items. */
const MAX_LENGTH = 200_000

/** Characters that every value counts as, apart from its own. */
const PER_VALUE = 8

/** What all parts of a value share. `left`: the characters that there is still room for. */
type Making = { text: string; root: unknown; left: number }

/**
 * Creates a value that matches a simple JSON Schema; for a complicated one, a best effort. Where it would become too
 * long, its lists are shorter and its other parts null.
 */
export function demoValue(schema: unknown, text: string): unknown {
  return make(schema, { text, root: schema, left: MAX_LENGTH }, 0)
}

function make(schema: unknown, making: Making, depth: number): unknown {
  if (!hasRoom(making, PER_VALUE) || !isObject(schema) || depth > MAX_DEPTH) return null
  if ('const' in schema) return copy(schema['const'], making)
  if (Array.isArray(schema['enum'])) return copy(schema['enum'][0], making)
  if ('default' in schema) return copy(schema['default'], making)
  if (typeof schema['$ref'] === 'string') {
    const target = schema['$ref'].startsWith('#') ? valueAtFragment(making.root, schema['$ref']) : undefined
    return make(target, making, depth + 1)
  }
  const choice = firstOf(schema['anyOf']) ?? firstOf(schema['oneOf']) ?? firstOf(schema['allOf'])
  if (choice !== undefined) return make(choice, making, depth + 1)

  switch (typeOf(schema)) {
    case 'object':
      return demoObject(schema, making, depth)
    case 'array': {
      const length = Math.min(numberOf(schema['minItems'], 1), Math.ceil(making.left / PER_VALUE))
      return Array.from({ length }, () => make(schema['items'] ?? {}, making, depth + 1))
    }
    case 'integer':
      return Math.ceil(demoNumber(schema))
    case 'number':
      return demoNumber(schema)
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return copy(demoString(schema, making.text), making)
  }
}

/** Takes some of the room; false when there is not enough. */
function hasRoom(making: Making, characters: number): boolean {
  making.left -= characters
  return making.left >= 0
}

/** A value that is there already, if there is room for it. */
function copy(value: unknown, making: Making): unknown {
  return hasRoom(making, JSON.stringify(value ?? null).length) ? value : null
}

function demoObject(schema: Record<string, unknown>, making: Making, depth: number): unknown {
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : [])
  const all = Object.keys(properties)
  // Also for names that are left out: they have to be read each time.
  if (
    !hasRoom(
      making,
      all.reduce((sum, name) => sum + name.length, required.size),
    )
  )
    return null
  // At depth, only required properties: an optional one may make a recursive schema endless.
  const names = depth > 2 ? all.filter((name) => required.has(name)) : all
  return Object.fromEntries(names.map((name) => [name, make(properties[name], making, depth + 1)]))
}

function demoNumber(schema: Record<string, unknown>): number {
  const least = numberOf(schema['minimum'], numberOf(schema['exclusiveMinimum'], -1) + 1)
  const most = numberOf(schema['maximum'], numberOf(schema['exclusiveMaximum'], Infinity) - 1)
  return Math.min(Math.max(least, 0), most)
}

const FORMATS: Record<string, string> = {
  'date-time': '2026-01-01T00:00:00Z',
  date: '2026-01-01',
  time: '00:00:00Z',
  email: 'demo@example.com',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
}

function demoString(schema: Record<string, unknown>, text: string): string {
  const format = typeof schema['format'] === 'string' ? FORMATS[schema['format']] : undefined
  if (format !== undefined) return format
  const most = numberOf(schema['maxLength'], 200)
  return text.slice(0, most).padEnd(Math.min(numberOf(schema['minLength'], 0), 10_000), '.')
}

function typeOf(schema: Record<string, unknown>): unknown {
  const type = schema['type']
  if (Array.isArray(type)) return type.find((one) => one !== 'null') ?? 'null'
  if (type !== undefined) return type
  if ('properties' in schema) return 'object'
  return 'items' in schema ? 'array' : 'string'
}

function firstOf(list: unknown): unknown {
  return Array.isArray(list) ? list[0] : undefined
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}
