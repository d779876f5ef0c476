import { ExactNumber } from '../../contract/exactJson.ts'
import { isObject, type JsonObject } from '../../contract/jsonObject.ts'

/** A schema that is offered to people must stay readable; what lies deeper or beyond may be anything. */
const MAX_DEPTH = 6
const MAX_PROPERTIES = 100
const MAX_ELEMENTS = 50

type JsonType = { type: string | string[] }

/** How values become a schema. */
type Rules = {
  /** Fields that all objects have are required at every depth, and others are not allowed. */
  isClosed: boolean
}

/**
 * Makes a JSON Schema (2020-12) that payloads like these fit. The fields at the top are required as far as all of
 * them have them; whatever a payload has beside them is allowed, and so is anything where one has null, or payloads
 * disagree.
 */
export function inferSchema(payload: unknown, ...more: unknown[]): JsonObject {
  const payloads = [payload, ...more]
  const schema = schemaOf(payloads, 0, { isClosed: false })
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

/**
 * Makes a JSON Schema for answers like these examples: it allows their fields and no others, and requires those that all
 * of them have, at every depth. Numbers are integers while all of them are; what is null in some of them may be null;
 * anything is allowed where they disagree, or none says more than null.
 */
export function inferOutputSchema(example: unknown, ...more: unknown[]): JsonObject {
  return schemaOf([example, ...more], 0, { isClosed: true })
}

function schemaOf(values: readonly unknown[], depth: number, rules: Rules): JsonObject {
  const found = typeOf(values, rules)
  if (found === undefined) return {}
  const { kind, type } = found
  const isTooDeep = depth >= MAX_DEPTH
  if (kind === 'object') {
    const objects = values.filter(isObject)
    if (isTooDeep) return { type }
    return {
      type,
      properties: propertiesOf(objects, depth, rules),
      ...(rules.isClosed ? closed(objects) : {}),
    }
  }
  if (kind !== 'array' || isTooDeep) return { type }
  const elements = values.flatMap((list) => (Array.isArray(list) ? list.slice(0, MAX_ELEMENTS) : []))
  return elements.length === 0 ? { type } : { type, items: schemaOf(elements, depth + 1, rules) }
}

function propertiesOf(objects: readonly JsonObject[], depth: number, rules: Rules): JsonObject {
  return Object.fromEntries(
    namesOf(objects).map((name) => {
      const values = objects.filter((one) => Object.hasOwn(one, name)).map((one) => one[name])
      return [name, schemaOf(values, depth + 1, rules)]
    }),
  )
}

/** What makes a schema accept its fields alone. An example with too many fields to list them leaves it open. */
function closed(objects: readonly JsonObject[]): JsonObject {
  const names = namesOf(objects)
  const required = names.filter((name) => objects.every((one) => Object.hasOwn(one, name)))
  const isWhole = new Set(objects.flatMap((one) => Object.keys(one))).size === names.length
  return { required, ...(isWhole ? { additionalProperties: false } : {}) }
}

function namesOf(objects: readonly JsonObject[]): string[] {
  return [...new Set(objects.flatMap((one) => Object.keys(one)))].slice(0, MAX_PROPERTIES)
}

/** The one type that all values have; undefined when they disagree. */
function typeOf(values: readonly unknown[], { isClosed }: Rules): (JsonType & { kind: string }) | undefined {
  const types = new Set(values.map(kindOf))
  const hasNull = types.delete('null')
  const [kind] = types
  if (types.size !== 1 || kind === undefined || (hasNull && !isClosed)) return undefined
  const type = kind === 'number' && isClosed && values.every(isWholeOrNull) ? 'integer' : kind
  return { kind, type: hasNull ? [type, 'null'] : type }
}

function isWholeOrNull(value: unknown): boolean {
  return (
    value === null ||
    Number.isInteger(value) ||
    (value instanceof ExactNumber && /^-?\d+$/.test(value.toString()))
  )
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  return value instanceof ExactNumber ? 'number' : typeof value
}
