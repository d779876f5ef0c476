import { ExactNumber } from '../../contract/exactJson.ts'
import type { OpenApiArgument, OpenApiOperation } from '../../contract/openApiTool.ts'
import { setHeader, type HttpRequest } from '../httpTools/httpCall.ts'
import { ToolError } from '../tool.ts'
import { isDotSegment } from '../templates/urlTemplate.ts'
import { isObject } from '../../contract/jsonObject.ts'
import { readFile, writeMultipart, type WrittenBody } from './multipart.ts'
import { fills, isJsonType, isMultipart, placeholdersOf } from './parameters.ts'
import { withoutTrailing } from '../../contract/withoutTrailing.ts'

/** A credential with its value, ready to be used. */
export type FilledCredential = { in: 'header' | 'query' | 'cookie'; name: string; value: string }

/**
 * Writes the request for an operation and the model's arguments. No argument can change the host, add a segment to the
 * path, or add a parameter to the query.
 *
 * @param base the URL that the operation's path is appended to; without a trailing slash
 * @throws ToolError
 */
export async function writeRequest(
  operation: OpenApiOperation,
  args: Record<string, unknown>,
  { base, credentials }: { base: URL; credentials: readonly FilledCredential[] },
): Promise<HttpRequest> {
  const [path = '', fixed] = writePath(operation, args)
  const query: string[] = fixed === undefined ? [] : [fixed]
  const inPath = placeholdersOf(operation.path).map((name) =>
    fills(operation.arguments, operation.path, name),
  )
  const cookies: string[] = []
  const headers = new Headers({ accept: 'application/json, */*;q=0.5', 'user-agent': 'Bellwire' })

  for (const argument of operation.arguments) {
    const value = args[argument.argument]
    if (value === undefined || argument.in === 'path') continue
    if (argument.in === 'query' && !inPath.includes(argument))
      query.push(...pairsOf(argument, value).map(encodePair))
    if (argument.in === 'cookie') cookies.push(...pairsOf(argument, value).map(encodePair))
    if (argument.in === 'header') setHeader(headers, argument.name, simple(argument, value, plain))
  }
  for (const { in: place, name, value } of credentials) {
    if (place === 'query') query.push(encodePair([name, value]))
    if (place === 'cookie') cookies.push(`${name}=${value}`)
    if (place === 'header') setHeader(headers, name, value)
  }
  if (cookies.length > 0) setHeader(headers, 'cookie', cookies.join('; '))

  const search = query.length > 0 ? `?${query.join('&')}` : ''
  const url = new URL(withoutTrailing(base.href, '/') + path + search)
  if (url.origin !== base.origin) throw new ToolError('the arguments would change the host')

  const body = await writeBody(operation, args)
  if (body) headers.set('content-type', body.contentType)
  return { method: operation.method, url, headers, body: body?.content }
}

/** The path, and the query that some documents append to it. */
function writePath(operation: OpenApiOperation, args: Record<string, unknown>): string[] {
  const written = operation.path.replace(/#.*$/s, '').replaceAll(/\{([^{}]+)\}/g, (_all, name: string) => {
    const argument = fills(operation.arguments, operation.path, name)
    const text = argument && simple(argument, args[argument.argument], encode)
    if (text === undefined || text === '') {
      throw new ToolError(`the argument ${argument?.argument ?? name}, which is part of the path, is empty`)
    }
    return text
  })
  const [path = '', ...query] = written.split('?')
  if (path.split('/').some(isDotSegment)) {
    throw new ToolError('an argument would change the path: "." and ".." are not allowed there')
  }
  return query.length > 0 ? [path, query.join('?')] : [path]
}

async function writeBody(
  { body }: OpenApiOperation,
  args: Record<string, unknown>,
): Promise<WrittenBody | undefined> {
  const value = body && args[body.argument]
  if (!body || value === undefined) return undefined
  const { content_type: contentType, files = [], nested = [] } = body
  if (files.includes('')) return { content: readFile('body', value), contentType }
  if (isJsonType(contentType)) return { content: JSON.stringify(value), contentType }
  const isUrlEncoded = contentType.startsWith('application/x-www-form-urlencoded')
  if (!isUrlEncoded && !isMultipart(contentType)) return { content: plain(value), contentType }
  if (!isObject(value))
    throw new ToolError(`the argument ${body.argument} must be an object: its fields are sent`)
  if (!isUrlEncoded) return writeMultipart(value, files)
  const form = new URLSearchParams()
  for (const [name, item] of Object.entries(value)) {
    const pairs = nested.includes(name) ? nestedPairs(name, item) : repeatedPairs(name, item)
    for (const [key, text] of pairs) form.append(key, text)
  }
  return { content: form.toString(), contentType }
}

/** A list is the same field several times. */
function repeatedPairs(name: string, value: unknown): Pair[] {
  return (Array.isArray(value) ? value : [value]).map((one) => [name, plain(one)])
}

/** Lists and objects key by key: `a[b][0]`. */
function nestedPairs(name: string, value: unknown): Pair[] {
  if (typeof value !== 'object' || value === null) return [[name, plain(value)]]
  return Object.entries(value).flatMap(([key, item]) => nestedPairs(`${name}[${key}]`, item))
}

type Pair = readonly [string, string]

/** A value in the styles of queries: https://spec.openapis.org/oas/v3.1.0#style-values */
function pairsOf({ name, style, explode }: OpenApiArgument, value: unknown): Pair[] {
  if (style === 'json') return [[name, JSON.stringify(value)]]
  if (Array.isArray(value)) {
    const items = value.map(plain)
    if (explode) return items.map((item) => [name, item])
    const separator = style === 'spaceDelimited' ? ' ' : style === 'pipeDelimited' ? '|' : ','
    return [[name, items.join(separator)]]
  }
  if (!isObject(value) || value instanceof ExactNumber) return [[name, plain(value)]]
  const entries = Object.entries(value).map(([key, item]) => [key, plain(item)] as const)
  if (style === 'deepObject') return entries.map(([key, item]) => [`${name}[${key}]`, item])
  return explode ? entries : [[name, entries.flat().join(',')]]
}

/** A value in the style of paths and headers. */
function simple(
  { style, explode }: OpenApiArgument,
  value: unknown,
  write: (value: unknown) => string,
): string {
  if (value === undefined) return ''
  if (style === 'json') return write(JSON.stringify(value))
  if (Array.isArray(value)) return value.map(write).join(',')
  if (!isObject(value) || value instanceof ExactNumber) return write(value)
  const entries = Object.entries(value).map(([key, item]) => [write(key), write(item)])
  return entries.map((entry) => entry.join(explode ? '=' : ',')).join(',')
}

function encodePair([name, value]: Pair): string {
  return `${encode(name)}=${encode(value)}`
}

function encode(value: unknown): string {
  return encodeURIComponent(plain(value).toWellFormed())
}

/** Strings and numbers unchanged, everything else as JSON. */
function plain(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
