import { isObject } from '../contract/jsonObject.ts'
/** Nesting depth at which the demo model stops, so that recursive schemas terminate. */
const MAX_DEPTH = 8

/** Creates a value that matches a simple JSON Schema; for a complicated one, a best effort. */
export function demoValue(schema: unknown, text: string, root: unknown = schema, depth = 0): unknown {
  if (!isObject(schema) || depth > MAX_DEPTH) return null
  if ('const' in schema) return schema['const']
  if (Array.isArray(schema['enum'])) return schema['enum'][0]
  if ('default' in schema) return schema['default']
  if (typeof schema['$ref'] === 'string') {
    return demoValue(lookUp(root, schema['$ref']), text, root, depth + 1)
  }
  const choice = firstOf(schema['anyOf']) ?? firstOf(schema['oneOf']) ?? firstOf(schema['allOf'])
  if (choice !== undefined) return demoValue(choice, text, root, depth + 1)

  switch (typeOf(schema)) {
    case 'object':
      return demoObject(schema, text, root, depth)
    case 'array': {
      const length = numberOf(schema['minItems'], 1)
      return Array.from({ length }, () => demoValue(schema['items'] ?? {}, text, root, depth + 1))
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
      return demoString(schema, text)
  }
}

function demoObject(schema: Record<string, unknown>, text: string, root: unknown, depth: number): unknown {
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  // At depth, only required properties: an optional one may make a recursive schema endless.
  const names =
    depth > 2 ? Object.keys(properties).filter((name) => required.includes(name)) : Object.keys(properties)
  return Object.fromEntries(names.map((name) => [name, demoValue(properties[name], text, root, depth + 1)]))
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

/** Follows a pointer within the same document, such as `#/$defs/item`. */
function lookUp(root: unknown, ref: string): unknown {
  if (!ref.startsWith('#')) return undefined
  let at = root
  for (const part of ref.slice(1).split('/').filter(Boolean)) {
    at = isObject(at) ? at[part.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined
  }
  return at
}

function firstOf(list: unknown): unknown {
  return Array.isArray(list) ? list[0] : undefined
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}
