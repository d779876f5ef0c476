import { ExactNumber } from '../../contract/exactJson.ts'
import type { OpenApiArgument, OpenApiOperation } from '../../contract/openApiTool.ts'
import { setHeader, type HttpRequest } from '../httpCall.ts'
import { ToolError } from '../tool.ts'
import { isDotSegment } from '../urlTemplate.ts'
import { isObject } from './document.ts'
import { isJsonType } from './parameters.ts'

/** A credential with its value, ready to be put where it goes. */
export type FilledCredential = { in: 'header' | 'query' | 'cookie'; name: string; value: string }

/**
 * Writes the request that an operation and the arguments of a model make. No argument can lead to another host,
 * add a segment to the path, or add a parameter to the query.
 *
 * @param base the URL that the operation's path is added to; without a slash at its end
 * @throws ToolError
 */
export function writeRequest(
  operation: OpenApiOperation,
  args: Record<string, unknown>,
  { base, credentials }: { base: URL; credentials: readonly FilledCredential[] },
): HttpRequest {
  const query: string[] = []
  const cookies: string[] = []
  const headers = new Headers({ accept: 'application/json, */*;q=0.5', 'user-agent': 'Bellwire' })

  for (const argument of operation.arguments) {
    const value = args[argument.argument]
    if (value === undefined || argument.in === 'path') continue
    if (argument.in === 'query') query.push(...pairsOf(argument, value).map(encodePair))
    if (argument.in === 'cookie') cookies.push(...pairsOf(argument, value).map(encodePair))
    if (argument.in === 'header') setHeader(headers, argument.name, simple(argument, value, plain))
  }
  for (const { in: place, name, value } of credentials) {
    if (place === 'query') query.push(encodePair([name, value]))
    if (place === 'cookie') cookies.push(`${name}=${value}`)
    if (place === 'header') setHeader(headers, name, value)
  }
  if (cookies.length > 0) setHeader(headers, 'cookie', cookies.join('; '))

  const path = writePath(operation, args)
  const search = query.length > 0 ? `?${query.join('&')}` : ''
  const url = new URL(base.href.replace(/\/+$/, '') + path + search)
  if (url.origin !== base.origin) throw new ToolError('the arguments would lead to another host')

  const body = writeBody(operation, args)
  if (body !== undefined && operation.body) headers.set('content-type', operation.body.content_type)
  return { method: operation.method, url, headers, body }
}

function writePath(operation: OpenApiOperation, args: Record<string, unknown>): string {
  const path = operation.path.replaceAll(/\{([^{}]+)\}/g, (_all, name: string) => {
    const argument = operation.arguments.find((one) => one.in === 'path' && one.name === name)
    const text = argument && simple(argument, args[argument.argument], encode)
    if (text === undefined || text === '') {
      throw new ToolError(`the argument ${argument?.argument ?? name}, which is part of the path, is empty`)
    }
    return text
  })
  if (path.split('/').some(isDotSegment)) {
    throw new ToolError('an argument would lead to another path: "." and ".." are not allowed there')
  }
  return path
}

function writeBody(operation: OpenApiOperation, args: Record<string, unknown>): string | undefined {
  const value = operation.body && args[operation.body.argument]
  if (!operation.body || value === undefined) return undefined
  const type = operation.body.content_type
  if (isJsonType(type)) return JSON.stringify(value)
  if (!type.startsWith('application/x-www-form-urlencoded')) return plain(value)
  const form = new URLSearchParams()
  for (const [name, item] of Object.entries(isObject(value) ? value : {})) {
    for (const one of Array.isArray(item) ? item : [item]) form.append(name, plain(one))
  }
  return form.toString()
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

/** Texts and numbers as they are, everything else as JSON. */
function plain(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
