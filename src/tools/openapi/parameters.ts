import type { OpenApiArgument, OpenApiCredential } from '../../contract/openApiTool.ts'
import { isObject, listOf, resolve, textOf, type JsonObject, type OpenApiDocument } from './document.ts'
import type { FoundOperation } from './operations.ts'
import { toJsonSchema } from './schema.ts'

/** Headers that are ours to set, or nobody's. */
const OWN_HEADERS = new Set([
  'accept',
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'cookie',
  'host',
  'idempotency-key',
  'transfer-encoding',
  'user-agent',
])

const QUERY_STYLES = ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'] as const

/** What the model must send for an operation, and where each part goes. */
export type RequestShape = {
  parameters: JsonObject
  arguments: OpenApiArgument[]
  body: { argument: string; content_type: string } | undefined
  /** The operation declares Idempotency-Key, so that a repeated call is done only once. */
  idempotent: boolean
}

/**
 * Reads what a request of an operation is made of.
 *
 * @param credentials parameters that these fill are not the model's
 * @throws Error with a sentence that says what is not supported
 */
export function readRequest(
  document: OpenApiDocument,
  { operation, pathItem, method }: FoundOperation,
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
    if (!argument || credentials.some((one) => isSame(one, argument))) continue
    if (argument.in === 'header' && OWN_HEADERS.has(argument.name.toLowerCase())) continue
    const { description } = parameter
    const name = ask(argument.name, argument.in, { schema: schemaOf(parameter), description })
    placed.push({ ...argument, argument: name })
    if (argument.in === 'path' || parameter['required'] === true) required.push(name)
  }

  const body = method === 'GET' || method === 'HEAD' ? undefined : readBody(document, operation)
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
    body: body && bodyName !== undefined ? { argument: bodyName, content_type: body.contentType } : undefined,
    idempotent: all.some((one) => one['in'] === 'header' && /^idempotency-key$/i.test(textOf(one['name']))),
  }
}

/** What a parameter is for is said beside its schema. */
function withDescriptions(parameters: JsonObject, descriptions: ReadonlyMap<string, string>): JsonObject {
  const properties = isObject(parameters['properties']) ? parameters['properties'] : {}
  for (const [name, description] of descriptions) {
    const schema = properties[name]
    if (isObject(schema) && schema['description'] === undefined) properties[name] = { ...schema, description }
  }
  return parameters
}

/** Parameters of the operation count more than those of its path. */
function mergeParameters(document: OpenApiDocument, ...lists: unknown[]): JsonObject[] {
  const merged = new Map<string, JsonObject>()
  for (const item of lists.flatMap(listOf)) {
    const parameter = resolve(document, item)
    if (isObject(parameter)) merged.set(`${textOf(parameter['in'])} ${textOf(parameter['name'])}`, parameter)
  }
  return [...merged.values()]
}

function readParameter(parameter: JsonObject): Omit<OpenApiArgument, 'argument'> | undefined {
  const name = textOf(parameter['name'])
  const place = parameter['in']
  if (name === '' || (place !== 'path' && place !== 'query' && place !== 'header' && place !== 'cookie')) {
    return undefined
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

/** A name that providers take for a property, and that no other argument has. */
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

type Body = { schema: unknown; description: unknown; contentType: string; required: boolean }

function readBody(document: OpenApiDocument, operation: JsonObject): Body | undefined {
  const described = resolve(document, operation['requestBody'])
  if (!isObject(described)) return undefined
  const content = isObject(described['content']) ? described['content'] : {}
  const required = described['required'] === true
  const types = Object.keys(content)
  const chosen =
    types.find(isJsonType) ??
    types.find((type) => type.startsWith('application/x-www-form-urlencoded')) ??
    types.find((type) => type.startsWith('text/'))
  if (chosen === undefined) {
    if (!required || types.length === 0) return undefined
    throw new Error(`its body is of a type that is not supported: ${types.join(', ')}`)
  }
  const media = resolve(document, content[chosen])
  return {
    schema: isObject(media) ? (media['schema'] ?? {}) : {},
    description: described['description'],
    contentType: chosen.includes('*') ? 'application/json' : chosen,
    required,
  }
}

/** Whether a media type is written as JSON; `*` leaves the choice to us. */
export function isJsonType(type: string): boolean {
  return /^(?:\*|application)\/\*|[/+]json\b/i.test(type)
}
