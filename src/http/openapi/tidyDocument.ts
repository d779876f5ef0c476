import { isObject, type JsonObject } from '../../contract/jsonObject.ts'
/**
 * Removes from an OpenAPI document what its generator leaves in: unused schemas, bodies marked as required although
 * they have a default, and bounds that only state the range of integers.
 */
export function tidyDocument<Document extends object>(document: Document): Document {
  const copy = structuredClone(document)
  for (const object of objectsIn(copy)) {
    dropIntegerBounds(object)
    freeOptionalBody(object)
  }
  dropUnusedSchemas(copy)
  return copy
}

function dropIntegerBounds(schema: JsonObject): void {
  if (schema['type'] !== 'integer') return
  if (schema['minimum'] === Number.MIN_SAFE_INTEGER) delete schema['minimum']
  if (schema['maximum'] === Number.MAX_SAFE_INTEGER) delete schema['maximum']
}

function freeOptionalBody(operation: JsonObject): void {
  const body = operation['requestBody']
  if (!isObject(body)) return
  if (
    [...objectsIn(body['content'], 2)].some((part) => isObject(part['schema']) && 'default' in part['schema'])
  ) {
    body['required'] = false
  }
}

/** Repeated until none is left: a schema may have been used only by an unused one. */
function dropUnusedSchemas(document: object): void {
  const components: unknown = Reflect.get(document, 'components')
  const schemas = isObject(components) ? components['schemas'] : undefined
  if (!isObject(schemas)) return
  for (let before = -1; before !== Object.keys(schemas).length;) {
    before = Object.keys(schemas).length
    const used = new Set([...objectsIn(document)].map((object) => object['$ref']))
    for (const name of Object.keys(schemas)) {
      if (!used.has(`#/components/schemas/${name}`)) delete schemas[name]
    }
  }
}

/** Every object in a JSON value, including itself, down to `depth` levels. */
function* objectsIn(value: unknown, depth = Number.POSITIVE_INFINITY): Generator<JsonObject> {
  if (depth === 0 || typeof value !== 'object' || value === null) return
  if (isObject(value)) yield value
  for (const child of Object.values(value)) yield* objectsIn(child, depth - 1)
}
