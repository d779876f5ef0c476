import { lookUp, type OpenApiDocument } from './document.ts'
import { isObject, type JsonObject } from '../../contract/jsonObject.ts'
import { listOf } from './json.ts'
import { isFile, tidySchema } from './tidySchema.ts'

/** Keywords whose value is one schema, a list of them, or schemas by name. */
const ONE = [
  'items',
  'additionalProperties',
  'not',
  'if',
  'then',
  'else',
  'contains',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
]
const MANY = ['allOf', 'anyOf', 'oneOf', 'prefixItems']
const NAMED = ['properties', 'patternProperties', 'dependentSchemas']

/** Keywords that do not constrain a value, or are meaningless outside the document. */
const DROPPED = new Set([
  '$anchor',
  '$dynamicRef',
  '$recursiveAnchor',
  '$recursiveRef',
  '$defs',
  '$dynamicAnchor',
  '$id',
  '$schema',
  'definitions',
  'discriminator',
  'example',
  'externalDocs',
  'nullable',
  'readOnly',
  'writeOnly',
  'xml',
])

/** Keywords that may be next to a reference without changing what it allows. */
const ANNOTATIONS = new Set(['title', 'description', 'default', 'deprecated', 'examples', 'summary'])

/** Maximum schemas within one that is inlined where it is used; larger ones are written once and referenced. */
const MAX_WRITTEN_OUT = 2_000

/** Maximum schemas within one. */
const MAX_SCHEMAS = 20_000

/**
 * Converts a schema of an OpenAPI document to a self-contained JSON Schema, for requests: read-only properties are
 * removed. References are inlined, since not every model follows them, unless a schema is recursive or large: those are
 * in `$defs`.
 *
 * @throws Error if that is impossible
 */
export function toJsonSchema(document: OpenApiDocument, schema: unknown): JsonObject {
  try {
    return convert(document, schema, MAX_WRITTEN_OUT)
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error
    return convert(document, schema, 0)
  }
}

class TooLarge extends Error {}

function convert(document: OpenApiDocument, schema: unknown, maxWrittenOut: number): JsonObject {
  const defs: JsonObject = {}
  const names = new Map<string, string>()
  let count = 0

  function one(value: unknown, within: readonly string[]): unknown {
    if (!isObject(value)) return value === false ? false : {}
    count += 1
    if (maxWrittenOut > 0 && count > maxWrittenOut) throw new TooLarge()
    if (count > MAX_SCHEMAS) throw new Error('it has too many schemas')
    const reference = value['$ref'] ?? recursiveReference(value, within)
    return typeof reference === 'string' ? refer(reference, value, within) : object(value, within)
  }

  /** `$recursiveRef` refers to the outermost schema that declares `$recursiveAnchor`, otherwise to its own. */
  function recursiveReference(value: JsonObject, within: readonly string[]): string | undefined {
    if (typeof value['$recursiveRef'] !== 'string') return undefined
    const offered = within.find((one) => {
      const schema = lookUp(document, one)
      return isObject(schema) && schema['$recursiveAnchor'] === true
    })
    return offered ?? within.at(-1)
  }

  function refer(reference: string, value: JsonObject, within: readonly string[]): unknown {
    const beside = Object.entries(value).filter(([key]) => key !== '$ref' && !DROPPED.has(key))
    if (within.length > 200) throw new Error('its references are nested too deeply')
    const target =
      maxWrittenOut === 0 || within.includes(reference)
        ? define(reference)
        : one(lookUp(document, reference), [...within, reference])
    // In 3.0 siblings of a reference are ignored.
    if (document.isVersion30 || beside.length === 0 || !isObject(target)) return target
    const more = Object.fromEntries(beside)
    if (beside.every(([key]) => ANNOTATIONS.has(key))) return { ...target, ...more }
    return { allOf: [target, object(more, within)] }
  }

  function define(reference: string): JsonObject {
    let name = names.get(reference)
    if (name === undefined) {
      const plain = (reference.split('/').at(-1) ?? '').replaceAll(/[^A-Za-z0-9_.-]/g, '_') || 'Schema'
      name = plain
      for (let next = 2; Object.hasOwn(defs, name); next += 1) name = `${plain}_${next}`
      names.set(reference, name)
      defs[name] = {}
      defs[name] = one(lookUp(document, reference), [reference])
    }
    return { $ref: `#/$defs/${name}` }
  }

  function object(schema: JsonObject, within: readonly string[]): JsonObject {
    const result: JsonObject = {}
    for (const [key, value] of Object.entries(schema)) {
      if (DROPPED.has(key) || key.startsWith('x-')) continue
      if (ONE.includes(key)) result[key] = typeof value === 'boolean' ? value : one(value, within)
      else if (MANY.includes(key)) result[key] = listOf(value).map((item) => one(item, within))
      else if (NAMED.includes(key)) {
        const entries = Object.entries(isObject(value) ? value : {})
        result[key] = Object.fromEntries(entries.map(([name, item]) => [name, one(item, within)]))
      } else result[key] = value
    }
    if ('example' in schema && !('examples' in schema)) result['examples'] = [schema['example']]
    leaveOutReadOnly(document, schema, result)
    if (Array.isArray(schema['items'])) {
      result['prefixItems'] = schema['items'].map((item) => one(item, within))
      delete result['items']
    }
    return asBase64(schema, allowNull(schema, tidySchema(result)))
  }

  const result = one(schema, [])
  const top = isObject(result) ? result : {}
  return Object.keys(defs).length > 0 ? { ...top, $defs: defs } : top
}

/** Properties that only responses have. */
function leaveOutReadOnly(document: OpenApiDocument, schema: JsonObject, result: JsonObject): void {
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  const readOnly = Object.keys(properties).filter((name) => isReadOnly(document, properties[name]))
  if (readOnly.length === 0) return
  const keep = ([name]: [string, unknown]): boolean => !readOnly.includes(name)
  const kept = isObject(result['properties']) ? result['properties'] : {}
  result['properties'] = Object.fromEntries(Object.entries(kept).filter(keep))
  const required = listOf(result['required']).filter((name) => !readOnly.some((one) => one === name))
  if (required.length > 0) result['required'] = required
  else delete result['required']
}

function isReadOnly(document: OpenApiDocument, property: unknown): boolean {
  if (!isObject(property)) return false
  if (property['readOnly'] === true) return true
  const reference = property['$ref']
  const target = typeof reference === 'string' ? lookUp(document, reference) : undefined
  return isObject(target) && target['readOnly'] === true
}

/** `nullable` of OpenAPI 3.0, which documents of later versions use, too. */
function allowNull(schema: JsonObject, result: JsonObject): JsonObject {
  if (schema['nullable'] !== true || typeof result['type'] !== 'string') return result
  const values = result['enum']
  return {
    ...result,
    type: [result['type'], 'null'],
    ...(Array.isArray(values) && !values.includes(null) ? { enum: [...values, null] } : {}),
  }
}

/** A file is sent as Base64: a model writes text. */
function asBase64(schema: JsonObject, result: JsonObject): JsonObject {
  if (!isFile(schema)) return result
  const { format: _format, contentMediaType: _type, maxLength: _max, ...rest } = result
  const said = typeof rest['description'] === 'string' ? `${rest['description']} ` : ''
  return { ...rest, type: 'string', description: `${said}(the bytes in Base64)` }
}
