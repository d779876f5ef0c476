import { isObject } from '../contract/jsonObject.ts'
/**
 * Whether a JSON Schema is within the subset that strict structured outputs accept: every object lists all of its
 * properties as required and allows no others. Rejected keywords make it false as well.
 */
export function isStrictSchema(schema: unknown): boolean {
  if (!isObject(schema)) return false
  if (Object.keys(schema).some((key) => REFUSED.has(key))) return false
  if (schema['type'] === 'object' || 'properties' in schema) {
    const properties = isObject(schema['properties']) ? schema['properties'] : {}
    const required = new Set(Array.isArray(schema['required']) ? schema['required'] : [])
    if (schema['additionalProperties'] !== false) return false
    if (!Object.keys(properties).every((name) => required.has(name))) return false
    if (!Object.values(properties).every(isStrictSchema)) return false
  }
  if ('items' in schema && !isStrictSchema(schema['items'])) return false
  if (Array.isArray(schema['anyOf']) && !schema['anyOf'].every(isStrictSchema)) return false
  return !isObject(schema['$defs']) || Object.values(schema['$defs']).every(isStrictSchema)
}

const REFUSED = new Set([
  'oneOf',
  'allOf',
  'not',
  'if',
  'then',
  'else',
  'dependentRequired',
  'dependentSchemas',
  'patternProperties',
  'prefixItems',
  'unevaluatedProperties',
])
