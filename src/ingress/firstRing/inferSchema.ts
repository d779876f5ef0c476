import { ExactNumber } from '../../contract/exactJson.ts'
import { isObject, type JsonObject } from '../../contract/jsonObject.ts'

/** A schema that is offered to people must stay readable; what lies deeper or beyond may be anything. */
const MAX_DEPTH = 6
const MAX_PROPERTIES = 100
const MAX_ELEMENTS = 50

/**
 * Makes a JSON Schema (2020-12) that payloads like these fit. The fields at the top are required as far as all of
 * them have them; whatever a payload has beside them is allowed, and so is anything where one has null, or payloads
 * disagree.
 */
export function inferSchema(payload: unknown, ...more: unknown[]): JsonObject {
  const payloads = [payload, ...more]
  const schema = schemaOf(payloads, 0)
  const objects = payloads.filter(isObject)
  const [first] = objects
  const required =
    first !== undefined && objects.length === payloads.length
      ? Object.keys(first).filter((name) => objects.every((one) => one[name] != null))
      : []
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...schema,
    ...(required.length > 0 ? { required: required.slice(0, MAX_PROPERTIES) } : {}),
  }
}

function schemaOf(values: readonly unknown[], depth: number): JsonObject {
  const types = new Set(values.map(typeOf))
  const [type] = types
  if (types.size !== 1 || type === 'null' || type === undefined) return {}
  if (depth >= MAX_DEPTH) return { type }
  if (type === 'object') return { type, properties: propertiesOf(values.filter(isObject), depth) }
  if (type !== 'array') return { type }
  const elements = values.flatMap((list) => (Array.isArray(list) ? list.slice(0, MAX_ELEMENTS) : []))
  return elements.length === 0 ? { type } : { type, items: schemaOf(elements, depth + 1) }
}

function propertiesOf(objects: readonly JsonObject[], depth: number): JsonObject {
  const names = [...new Set(objects.flatMap((one) => Object.keys(one)))].slice(0, MAX_PROPERTIES)
  return Object.fromEntries(
    names.map((name) => {
      const values = objects.filter((one) => Object.hasOwn(one, name)).map((one) => one[name])
      return [name, schemaOf(values, depth + 1)]
    }),
  )
}

function typeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  return value instanceof ExactNumber ? 'number' : typeof value
}
