import type { JsonSchema } from '../contract/toolParts.ts'

/** Keywords whose value is one schema, a list of them, or schemas by name. */
const ONE = ['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames']
const MANY = ['allOf', 'anyOf', 'oneOf', 'prefixItems']
const NAMED = ['properties', 'patternProperties', 'dependentSchemas', '$defs', 'definitions']

/**
 * The same schema with what strict providers ask for although JSON Schema does not: objects have `properties`, lists
 * have `items`. It allows the same values.
 */
export function completeSchema(schema: JsonSchema): JsonSchema {
  const complete = { ...schema }
  for (const key of ONE) if (key in complete) complete[key] = completePart(complete[key])
  for (const key of MANY) {
    const list = complete[key]
    if (Array.isArray(list)) complete[key] = list.map(completePart)
  }
  for (const key of NAMED) {
    const named = complete[key]
    if (isObject(named)) {
      const entries = Object.entries(named).map(([name, part]) => [name, completePart(part)])
      complete[key] = Object.fromEntries(entries)
    }
  }
  const types = [complete['type']].flat()
  if (types.includes('object') && !('properties' in complete)) complete['properties'] = {}
  if (types.includes('array') && !('items' in complete) && !('prefixItems' in complete))
    complete['items'] = {}
  return complete
}

function completePart(part: unknown): unknown {
  return isObject(part) ? completeSchema(part) : part
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
