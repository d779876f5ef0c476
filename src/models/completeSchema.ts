import { isObject, type JsonObject } from '../contract/jsonObject.ts'
/** Schemas of agents live as long as their compiled agents: each is completed once. */
const completed = new WeakMap<object, object>()

/** Keywords whose value is one schema, a list of schemas, or schemas by name. */
const SCHEMAS = ['additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames', 'items']
const LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems']
const MAPS = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']

/**
 * A JSON Schema in the form that strict providers accept, with the same meaning: every object has `properties`, every
 * list has `items`. Unchanged parts are shared with the input.
 */
export function completeSchema<S extends object>(schema: S): S
export function completeSchema(schema: object): object {
  const known = completed.get(schema)
  if (known) return known
  const result = complete(schema as JsonObject)
  completed.set(schema, result)
  return result
}

function complete(schema: JsonObject): JsonObject {
  const changes: JsonObject = {}
  const change = (name: string, value: unknown): void => {
    if (value !== schema[name]) changes[name] = value
  }
  for (const name of SCHEMAS) change(name, completeIfSchema(schema[name]))
  for (const name of LISTS) change(name, completeList(schema[name]))
  for (const name of MAPS) change(name, completeMap(schema[name]))
  if (isOfType(schema, 'object') && !isObject(schema['properties'])) changes['properties'] = {}
  if (isOfType(schema, 'array') && schema['items'] === undefined && schema['prefixItems'] === undefined) {
    changes['items'] = {}
  }
  return Object.keys(changes).length === 0 ? schema : { ...schema, ...changes }
}

function completeIfSchema(value: unknown): unknown {
  return isObject(value) ? complete(value) : value
}

function completeList(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  const list: unknown[] = value.map(completeIfSchema)
  return list.some((item, at) => item !== value[at]) ? list : value
}

function completeMap(value: unknown): unknown {
  if (!isObject(value)) return value
  const entries = Object.entries(value).map(([name, item]): [string, unknown] => [
    name,
    completeIfSchema(item),
  ])
  return entries.some(([name, item]) => item !== value[name]) ? Object.fromEntries(entries) : value
}

function isOfType({ type }: JsonObject, wanted: string): boolean {
  return type === wanted || (Array.isArray(type) && type.includes(wanted))
}
