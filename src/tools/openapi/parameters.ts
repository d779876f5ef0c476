import { SENDERS_OWN_HEADERS } from '../../contract/toolParts.ts'
import type { OpenApiArgument, OpenApiCredential, OpenApiOperation } from '../../contract/openApiTool.ts'
import { resolve, type OpenApiDocument } from './document.ts'
import { isObject, type JsonObject } from '../../contract/jsonObject.ts'
import { listOf, textOf } from './json.ts'
import type { FoundOperation } from './operations.ts'
import { toJsonSchema } from './schema.ts'
import { isFile } from './tidySchema.ts'

/** Headers that Bellwire sets, or that must not be set. */
const OWN_HEADERS = new Set([
  'accept',
  'authorization',
  'content-type',
  'cookie',
  'idempotency-key',
  'user-agent',
])

function isOwnHeader(name: string): boolean {
  return OWN_HEADERS.has(name.toLowerCase()) || SENDERS_OWN_HEADERS.has(name.toLowerCase())
}

const QUERY_STYLES = ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'] as const

/** The arguments that the model must send for an operation, and where each part goes. */
export type RequestShape = {
  parameters: JsonObject
  arguments: OpenApiArgument[]
  body: OpenApiOperation['body']
  /** The operation declares Idempotency-Key, so a repeated call has no further effect. */
  idempotent: boolean
}

/**
 * Reads the parts of an operation's request.
 *
 * @param credentials parameters filled by these are not arguments of the model
 * @throws Error with a sentence about what is not supported
 */
export function readRequest(
  document: OpenApiDocument,
  { operation, pathItem, method, path }: FoundOperation,
  credentials: readonly OpenApiCredential[],
): RequestShape {
  const schemas: JsonObject = {}
  const descriptions = new Map<string, string>()
  const required: string[] = []
  const placed: OpenApiArgument[] = []
  const all = mergeParameters(document, pathItem['parameters'], operation['parameters'])
  const ask = (wanted: string, place: string, what: { schema: unknown; description: unknown }): string => {
    const name = freeName(wanted, place, schemas)
    schemas[name] = what.schema
    if (typeof what.description === 'string') descriptions.set(name, what.description)
    return name
  }

  for (const parameter of all) {
    const argument = readParameter(parameter)
    if (credentials.some((one) => isSame(one, argument))) continue
    if (argument.in === 'header' && isOwnHeader(argument.name)) continue
    const { description } = parameter
    const name = ask(argument.name, argument.in, { schema: schemaOf(parameter), description })
    placed.push({ ...argument, argument: name })
    if (argument.in === 'path' || parameter['required'] === true) required.push(name)
  }

  for (const placeholder of placeholdersOf(path)) {
    if (fills(placed, path, placeholder)) continue
    // The document does not declare it, but the URL requires it.
    const name = ask(placeholder, 'path', { schema: { type: 'string' }, description: undefined })
    placed.push({ argument: name, in: 'path', name: placeholder, style: 'simple', explode: false })
    required.push(name)
  }

  const body = readBody(document, operation, method)
  if (body && (method === 'GET' || method === 'HEAD')) {
    throw new Error(`it has a body, and a ${method} request has none`)
  }
  const bodyName = body && ask('body', 'content', body)
  if (body?.required && bodyName !== undefined) required.push(bodyName)

  return {
    parameters: withDescriptions(
      toJsonSchema(document, {
        type: 'object',
        properties: schemas,
        ...(required.length > 0 ? { required } : {}),
        additionalProperties: false,
      }),
      descriptions,
    ),
    arguments: placed,
    body:
      body && bodyName !== undefined
        ? { argument: bodyName, content_type: body.contentType, ...body.written }
        : undefined,
    idempotent: all.some((one) => one['in'] === 'header' && /^idempotency-key$/i.test(textOf(one['name']))),
  }
}

/** Moves the description of a parameter into its schema. */
function withDescriptions(parameters: JsonObject, descriptions: ReadonlyMap<string, string>): JsonObject {
  const properties = isObject(parameters['properties']) ? parameters['properties'] : {}
  for (const [name, description] of descriptions) {
    const schema = properties[name]
    if (isObject(schema) && schema['description'] === undefined) properties[name] = { ...schema, description }
  }
  return parameters
}

/** Parameters of the operation override those of its path. */
function mergeParameters(document: OpenApiDocument, ...lists: unknown[]): JsonObject[] {
  const merged = new Map<string, JsonObject>()
  for (const item of lists.flatMap(listOf)) {
    const parameter = resolve(document, item)
    if (!isObject(parameter)) throw new Error('one of its parameters is not an object')
    merged.set(`${textOf(parameter['in'])} ${textOf(parameter['name'])}`, parameter)
  }
  return [...merged.values()]
}

const PLACES = ['path', 'query', 'header', 'cookie'] as const

/** @throws Error for one that cannot be in a request */
function readParameter(parameter: JsonObject): Omit<OpenApiArgument, 'argument'> {
  const name = textOf(parameter['name'])
  if (name === '') throw new Error('one of its parameters has no name')
  const place = PLACES.find((one) => one === parameter['in'])
  if (!place) {
    const stated = JSON.stringify(parameter['in']) ?? 'missing'
    throw new Error(`the parameter ${name} is in ${stated}: use ${PLACES.join(', ')}, or a requestBody`)
  }
  if (isObject(parameter['content'])) return { in: place, name, style: 'json', explode: false }
  const usual = place === 'path' || place === 'header' ? 'simple' : 'form'
  const stated = parameter['style'] ?? usual
  const styles: readonly OpenApiArgument['style'][] = place === 'query' ? QUERY_STYLES : [usual]
  const style = styles.find((one) => one === stated)
  if (!style) throw new Error(`the parameter ${name} has a style that is not supported: ${textOf(stated)}`)
  const explode = parameter['explode']
  return { in: place, name, style, explode: typeof explode === 'boolean' ? explode : style === 'form' }
}

function schemaOf(parameter: JsonObject): unknown {
  if (!isObject(parameter['content'])) return parameter['schema'] ?? {}
  const [media] = Object.values(parameter['content'])
  return isObject(media) ? (media['schema'] ?? {}) : {}
}

/** A name that providers accept for a property, unique among the arguments. */
function freeName(name: string, place: string, taken: JsonObject): string {
  const plain = name.replaceAll(/[^a-zA-Z0-9_.-]+/g, '_').slice(0, 56) || place
  if (!Object.hasOwn(taken, plain)) return plain
  let free = `${plain}_${place}`
  for (let next = 2; Object.hasOwn(taken, free); next += 1) free = `${plain}_${next}`
  return free
}

function isSame(credential: OpenApiCredential, argument: { in: string; name: string }): boolean {
  return credential.in === argument.in && credential.name.toLowerCase() === argument.name.toLowerCase()
}

type Body = {
  schema: unknown
  description: unknown
  contentType: string
  required: boolean
  written: Pick<NonNullable<OpenApiOperation['body']>, 'files' | 'nested'>
}

/** @throws Error for a body that cannot be encoded, required or not: without it the call would mean something else */
function readBody(
  document: OpenApiDocument,
  operation: JsonObject,
  method: FoundOperation['method'],
): Body | undefined {
  if (operation['requestBody'] === undefined) return undefined
  const described = resolve(document, operation['requestBody'])
  if (!isObject(described)) throw new Error('its requestBody is not an object')
  const content = isObject(described['content']) ? described['content'] : {}
  const types = Object.keys(content)
  if (types.length === 0) throw new Error('its body has no media type: the requestBody needs a "content"')
  const chosen = chooseType(document, content)
  if (chosen === undefined) {
    throw new Error(
      `its body is of a type that cannot be written: ${types.join(', ')}. ` +
        'JSON, forms, multipart, plain text and files can be',
    )
  }
  const media = mediaOf(document, content, chosen)
  // Generators give every operation a body, to GET one that cannot hold anything.
  const mayBeNothing = (method === 'GET' || method === 'HEAD') && described['required'] !== true
  if (mayBeNothing && holdsNothing(follow(document, media['schema']))) return undefined
  const common = {
    description: described['description'],
    // Many documents forget `required`, whose default is false; a body that needs fields is not left out by intent.
    required: described['required'] === true || needsFields(document, media['schema'], 0),
  }
  if (isBytesType(chosen)) {
    const schema = { type: 'string', format: 'binary' }
    return { ...common, schema, contentType: chosen.includes('*') ? BYTES : chosen, written: { files: [''] } }
  }
  return {
    ...common,
    schema: media['schema'] ?? {},
    contentType: chosen.includes('*') ? 'application/json' : chosen,
    written: isForm(chosen) || isMultipart(chosen) ? formOf(document, media) : {},
  }
}

const BYTES = 'application/octet-stream'

function chooseType(document: OpenApiDocument, content: JsonObject): string | undefined {
  const types = Object.keys(content)
  const multipart = types.find(isMultipart)
  const hasFiles =
    multipart !== undefined && formOf(document, mediaOf(document, content, multipart)).files !== undefined
  return (
    types.find(isJsonType) ??
    (hasFiles ? multipart : types.find(isForm)) ??
    multipart ??
    types.find((type) => /^text\/(?!xml)/i.test(type)) ??
    types.find(isBytesType)
  )
}

function mediaOf(document: OpenApiDocument, content: JsonObject, type: string): JsonObject {
  const media = resolve(document, content[type])
  return isObject(media) ? media : {}
}

/** Which fields of a form are files, and which are written key by key. */
function formOf(document: OpenApiDocument, media: JsonObject): Body['written'] {
  const fields = Object.entries(propertiesOf(document, media['schema'], 0))
  const files = fields.filter(([, schema]) => {
    const items = isObject(schema) ? follow(document, schema['items']) : undefined
    return isFile(schema) || isFile(items)
  })
  const encoding = isObject(media['encoding']) ? media['encoding'] : {}
  const nested = Object.entries(encoding).filter(([, one]) => isObject(one) && one['style'] === 'deepObject')
  return {
    ...(files.length > 0 ? { files: files.map(([name]) => name) } : {}),
    ...(nested.length > 0 ? { nested: nested.map(([name]) => name) } : {}),
  }
}

/** The properties of a schema and of those that it is combined from. */
function propertiesOf(document: OpenApiDocument, schema: unknown, level: number): JsonObject {
  const resolved = follow(document, schema)
  if (!isObject(resolved) || level > 10) return {}
  const parts = ['allOf', 'anyOf', 'oneOf'].flatMap((key) => listOf(resolved[key]))
  const own = isObject(resolved['properties']) ? Object.entries(resolved['properties']) : []
  return Object.assign(
    {},
    ...parts.map((part) => propertiesOf(document, part, level + 1)),
    Object.fromEntries(own.map(([name, property]) => [name, follow(document, property)])),
  )
}

/** Words of a schema that say nothing of what fits it. */
const ANNOTATIONS = new Set(['title', 'description', 'example', 'examples', 'default', 'deprecated'])

/** Whether a schema describes an object and gives it no properties. */
function holdsNothing(schema: unknown): boolean {
  if (!isObject(schema)) return false
  const { type = 'object', properties, additionalProperties, ...rest } = schema
  const hasNone = isObject(properties) ? Object.keys(properties).length === 0 : additionalProperties === false
  return (
    type === 'object' &&
    hasNone &&
    (additionalProperties === undefined || additionalProperties === false) &&
    Object.keys(rest).every((word) => ANNOTATIONS.has(word) || word.startsWith('x-'))
  )
}

/** Whether a schema has required properties, itself or in what it is put together from. */
function needsFields(document: OpenApiDocument, schema: unknown, level: number): boolean {
  const resolved = follow(document, schema)
  if (!isObject(resolved) || level > 10) return false
  return (
    listOf(resolved['required']).length > 0 ||
    listOf(resolved['allOf']).some((part) => needsFields(document, part, level + 1))
  )
}

/** The target of a schema's reference. Unresolvable references are reported when the schema is read. */
function follow(document: OpenApiDocument, schema: unknown): unknown {
  try {
    return resolve(document, schema)
  } catch {
    return undefined
  }
}

/** The names in braces of a path, in order. */
export function placeholdersOf(path: string): string[] {
  return [...new Set([...path.replace(/#.*$/s, '').matchAll(/\{([^{}]+)\}/g)].map(([, name = '']) => name))]
}

/**
 * The argument for a name in braces: one of the path, or of the query if the path contains a query.
 */
export function fills(
  placed: readonly OpenApiArgument[],
  path: string,
  placeholder: string,
): OpenApiArgument | undefined {
  const inPath = placed.find(({ name, in: place }) => place === 'path' && name === placeholder)
  if (inPath || !path.split('?').slice(1).join('?').includes(`{${placeholder}}`)) return inPath
  return placed.find(({ name, in: place }) => place === 'query' && name === placeholder)
}

function isForm(type: string): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(type)
}

export function isMultipart(type: string): boolean {
  return /^multipart\/form-data\b/i.test(type)
}

/** Files, which are sent unchanged. */
function isBytesType(type: string): boolean {
  return /^(?:image|audio|video|font)\/|^application\/(?:octet-stream|pdf|zip|gzip|x-tar|x-gzip)\b/i.test(
    type,
  )
}

/** Whether a media type is written as JSON; `*` leaves the choice to us. */
export function isJsonType(type: string): boolean {
  return /^(?:\*|application)\/\*|[/+]json\b/i.test(type)
}
