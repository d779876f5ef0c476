import { parseExact, toPlainNumbers } from '../contract/exactJson.ts'
import type { RunTool } from '../tools/tool.ts'

type Fields = Record<string, unknown>

/**
 * The arguments that a call is made with: those of the model where they fit, else what they can only mean, such as 5
 * for `"5"` where an integer is wanted. The complaint is set when they do not fit in either form.
 */
export function usableArguments(
  tool: Pick<RunTool, 'check' | 'parameters'>,
  args: unknown,
): { args: unknown; complaint: string | undefined } {
  const complaint = tool.check(toPlainNumbers(args))
  if (complaint === undefined) return { args, complaint }
  const coerced = coerce(tool.parameters, args)
  return tool.check(toPlainNumbers(coerced)) === undefined
    ? { args: coerced, complaint: undefined }
    : { args, complaint }
}

/** Changes only what does not have the type that the schema names. */
function coerce(schema: Fields, value: unknown): unknown {
  const types = typesOf(schema)
  const given = typeof value === 'string' && !types.includes('string') ? fromText(value, types) : value
  if (isFields(given) && isFields(schema['properties'])) return coerceProperties(schema, given)
  const items = schema['items']
  if (Array.isArray(given) && isFields(items)) return given.map((item: unknown) => coerce(items, item))
  return given
}

/** Null for an argument that may be left out means that it is left out. */
function coerceProperties(schema: Fields, value: Fields): Fields {
  const properties = schema['properties'] as Fields
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  const entries = Object.entries(value).flatMap(([name, item]): [string, unknown][] => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (!isFields(property)) return [[name, item]]
    if (item === null && !required.includes(name) && !allowsNull(property)) return []
    return [[name, coerce(property, item)]]
  })
  return Object.fromEntries(entries)
}

/** What a text stands for where none is wanted; the text itself when that is not certain. */
function fromText(text: string, types: string[]): unknown {
  const trimmed = text.trim()
  const value = parse(trimmed)
  if (value === undefined) return text
  const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
  const isNumber = types.includes('number') || types.includes('integer')
  return types.includes(type) || (isNumber && /^-?\d+(\.\d+)?$/.test(trimmed)) ? value : text
}

function typesOf({ type }: Fields): string[] {
  if (typeof type === 'string') return [type]
  return Array.isArray(type) ? type.filter((one) => typeof one === 'string') : ['string']
}

function allowsNull(schema: Fields): boolean {
  const { enum: values, const: value } = schema
  if (value === null || (Array.isArray(values) && values.includes(null))) return true
  return schema['type'] === undefined || typesOf(schema).includes('null')
}

function parse(text: string): unknown {
  try {
    return parseExact(text)
  } catch {
    return undefined
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
