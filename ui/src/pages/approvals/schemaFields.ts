import { ExactNumber, parseExact } from '../../../../src/contract/exactJson.ts'
import { prettyJson } from '../../lib/json.ts'

type Schema = Record<string, unknown>

/** A field of a form for a JSON object. */
export type SchemaField = {
  name: string
  title: string
  description: string | undefined
  required: boolean
  /** `json`: a value that has no field of its own is written as JSON. */
  kind: 'text' | 'number' | 'boolean' | 'choice' | 'json'
  /** Values of a choice, written as JSON. */
  choices: string[]
}

/** Input by field; a boolean and a choice are JSON. A field without a value is left out. */
export type Typed = Record<string, string | undefined>

/**
 * The form fields for a schema; undefined unless it describes an object with known members. Members of the value that
 * are not in the schema become JSON fields.
 */
export function fieldsOf(schema: Schema, value: unknown): SchemaField[] | undefined {
  const properties = schema['properties']
  if (!isObject(properties)) return undefined
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  const names = [...new Set([...Object.keys(properties), ...(isObject(value) ? Object.keys(value) : [])])]
  if (names.length === 0) return undefined
  return names.map((name) => {
    const own = isObject(properties[name]) ? properties[name] : {}
    const { title, description } = own
    return {
      name,
      title: typeof title === 'string' && title !== '' ? title : name,
      description: typeof description === 'string' ? description : undefined,
      required: required.includes(name),
      ...kindOf(own),
    }
  })
}

function kindOf(schema: Schema): Pick<SchemaField, 'kind' | 'choices'> {
  const choices = schema['enum']
  if (Array.isArray(choices) && choices.length > 0) {
    return { kind: 'choice', choices: choices.map((choice) => JSON.stringify(choice) ?? 'null') }
  }
  const kinds = { string: 'text', integer: 'number', number: 'number', boolean: 'boolean' } as const
  const type = schema['type']
  const kind =
    typeof type === 'string' && Object.hasOwn(kinds, type) ? kinds[type as keyof typeof kinds] : 'json'
  return { kind, choices: [] }
}

/** What the fields show for a value. A member whose type does not match its schema is shown as JSON. */
export function typedOf(fields: readonly SchemaField[], value: unknown): Typed {
  const members = isObject(value) ? value : {}
  return Object.fromEntries(
    fields.map(({ name, kind }): [string, string | undefined] => {
      const own = members[name]
      if (own === undefined) return [name, undefined]
      if (kind === 'text') return [name, typeof own === 'string' ? own : (JSON.stringify(own) ?? '')]
      if (kind === 'number') return [name, typeof own === 'string' ? own : (JSON.stringify(own) ?? '')]
      return [name, kind === 'json' ? prettyJson(own) : (JSON.stringify(own) ?? '')]
    }),
  )
}

/** An invalid field, with its error. */
export type FieldFault = { name: string; fault: string }

/** The entered value. Numbers keep their digits. */
export function valueOf(
  fields: readonly SchemaField[],
  typed: Typed,
): { ok: true; value: Record<string, unknown> } | { ok: false; faults: FieldFault[] } {
  const value: Record<string, unknown> = {}
  const faults: FieldFault[] = []
  for (const { name, kind } of fields) {
    const text = typed[name]
    if (text === undefined) continue
    if (kind === 'text') {
      value[name] = text
      continue
    }
    if (text.trim() === '') continue
    const parsed = parse(text)
    if (parsed === undefined) {
      faults.push({ name, fault: kind === 'number' ? 'Enter a number' : 'Enter valid JSON' })
    } else if (kind === 'number' && typeof parsed !== 'number' && !(parsed instanceof ExactNumber)) {
      faults.push({ name, fault: 'Enter a number' })
    } else {
      value[name] = parsed
    }
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value }
}

function parse(text: string): unknown {
  try {
    return parseExact(text)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Schema {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)
  )
}
