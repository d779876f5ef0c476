import { isObject, type JsonObject } from '../../contract/jsonObject.ts'

const TYPES: Record<string, string> = {
  array: 'array',
  boolean: 'boolean',
  integer: 'integer',
  null: 'null',
  number: 'number',
  object: 'object',
  string: 'string',
  // Common in real documents.
  bool: 'boolean',
  double: 'number',
  file: 'string',
  float: 'number',
  int: 'integer',
  int32: 'integer',
  int64: 'integer',
  long: 'integer',
}

const NUMBERS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']
const COUNTS = ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties']
const TEXTS = ['title', 'description', 'format', 'pattern', '$comment', 'contentEncoding', 'contentMediaType']
const FLAGS = ['uniqueItems', 'deprecated']

/**
 * Repairs the keywords of one schema to valid JSON Schema: real documents contain numbers as strings, empty lists of
 * values, bounds of an older draft, or patterns of another language. A keyword that cannot be repaired is removed, so
 * the schema allows more, and the server decides.
 */
export function tidySchema(schema: JsonObject): JsonObject {
  const result: JsonObject = { ...schema }
  const drop = (key: string, isFine: (value: unknown) => boolean): void => {
    if (key in result && !isFine(result[key])) delete result[key]
  }

  tidyBounds(result)
  tidyType(result)
  for (const key of NUMBERS) {
    if (typeof result[key] === 'string') result[key] = Number(result[key])
    drop(key, (value) => Number.isFinite(value) && (key !== 'multipleOf' || Number(value) > 0))
  }
  for (const key of COUNTS) {
    if (typeof result[key] === 'string') result[key] = Number(result[key])
    drop(key, (value) => Number.isSafeInteger(value) && Number(value) >= 0)
  }
  for (const key of TEXTS) drop(key, (value) => typeof value === 'string')
  for (const key of FLAGS) drop(key, (value) => typeof value === 'boolean')
  drop('pattern', isPattern)
  drop('enum', (value) => Array.isArray(value) && value.length > 0)
  drop('examples', Array.isArray)
  if (Array.isArray(result['required'])) {
    const names = new Set(result['required'].filter((name) => typeof name === 'string'))
    result['required'] = [...names]
  }
  drop('required', (value) => Array.isArray(value) && value.length > 0)
  return result
}

/** In draft 4 the exclusivity of a bound is a boolean. */
function tidyBounds(result: JsonObject): void {
  for (const [exclusive, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (typeof result[exclusive] !== 'boolean') continue
    if (result[exclusive] && result[bound] !== undefined) {
      result[exclusive] = result[bound]
      delete result[bound]
    } else delete result[exclusive]
  }
}

function tidyType(result: JsonObject): void {
  if (!('type' in result)) return
  const known = [result['type']]
    .flat()
    .flatMap((type) =>
      typeof type === 'string' ? (TYPES[type.toLowerCase()] ?? []) : type === null ? 'null' : [],
    )
  const types = [...new Set(known)]
  if (types.length === 0) delete result['type']
  else result['type'] = types.length === 1 ? types[0] : types
}

function isPattern(value: unknown): boolean {
  try {
    return new RegExp(String(value), 'u') instanceof RegExp
  } catch {
    return false
  }
}

/** A schema whose value is a file: bytes, which JSON cannot represent. */
export function isFile(schema: unknown): boolean {
  if (!isObject(schema)) return false
  const { type, format, contentMediaType, contentEncoding } = schema
  if (format === 'binary' || type === 'file') return true
  return contentMediaType === 'application/octet-stream' && contentEncoding === undefined
}
