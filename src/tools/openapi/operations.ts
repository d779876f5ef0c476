import { nearest } from '../../contract/nearest.ts'
import { ImportError } from '../imports/importError.ts'
import { resolve, type OpenApiDocument } from './document.ts'
import { isObject, type JsonObject } from '../../contract/jsonObject.ts'
import { listOf, textOf } from './json.ts'
import { withoutTrailing } from '../../contract/withoutTrailing.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** An operation, as written in the document. */
export type FoundOperation = {
  /** As named in "operations" of the tool. */
  named: string
  /** The field of the tool that names it. */
  pointer: string
  method: (typeof METHODS)[number]
  path: string
  pathItem: JsonObject
  operation: JsonObject
  /** Why it cannot be read, if that is known from the start. */
  fault?: string
}

/** An operation, before it is chosen. */
export type ListedOperation = Omit<FoundOperation, 'named' | 'pointer'>

/**
 * Finds the operations selected by a tool: by operationId, or as "METHOD /path".
 *
 * @throws ImportError for one that does not exist
 */
export function findOperations(document: OpenApiDocument, wanted: readonly string[]): FoundOperation[] {
  const listed = listOperations(document)
  const byName = new Map<string, ListedOperation>()
  for (const one of listed) byName.set(`${one.method} ${one.path}`, one)
  for (const one of listed) {
    const id = operationId(one)
    if (id !== '' && !byName.has(id)) byName.set(id, one)
  }
  return [...new Set(wanted)].map((named) => {
    const pointer = `/operations/${wanted.indexOf(named)}`
    const [method = '', ...path] = named.trim().split(/\s+/)
    const found = byName.get(named) ?? byName.get(`${method.toUpperCase()} ${path.join(' ')}`)
    if (found?.fault !== undefined) throw new ImportError(pointer, `${named} cannot be used: ${found.fault}`)
    if (found) return { ...found, named, pointer }
    const similar = nearest(named, [...byName.keys()])
    const advice = similar === undefined ? '' : `; did you mean ${similar}?`
    const unread = listed.find(({ fault }) => fault !== undefined)
    const reason = unread === undefined ? '' : `; some operations could not be read: ${unread.fault}`
    throw new ImportError(pointer, `the document has no operation ${named}${advice || reason}`)
  })
}

/** Every operation of a document, including unreadable ones. */
export function listOperations(document: OpenApiDocument): ListedOperation[] {
  const paths = isObject(document.root['paths']) ? document.root['paths'] : {}
  return Object.entries(paths).flatMap(([path, item]) =>
    path.startsWith('/') ? operationsOf(document, path, item) : [],
  )
}

function operationsOf(document: OpenApiDocument, path: string, item: unknown): ListedOperation[] {
  const pathItem = follow(document, item)
  if (typeof pathItem === 'string') {
    // The definition is in another file: all of its methods report that error.
    return METHODS.map((method) => ({ method, path, pathItem: {}, operation: {}, fault: pathItem }))
  }
  return METHODS.flatMap((method): ListedOperation[] => {
    const written = pathItem[method.toLowerCase()]
    if (!isObject(written)) return []
    const operation = follow(document, written)
    return typeof operation === 'string'
      ? [{ method, path, pathItem, operation: written, fault: operation }]
      : [{ method, path, pathItem, operation }]
  })
}

/** The target of a reference; a string with the reason if it cannot be resolved. */
function follow(document: OpenApiDocument, value: unknown): JsonObject | string {
  try {
    const target = resolve(document, value)
    return isObject(target) ? target : {}
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** The operationId as a string; empty when there is none. */
export function operationId({ operation }: Pick<FoundOperation, 'operation'>): string {
  const id = operation['operationId']
  return typeof id === 'number' ? String(id) : textOf(id)
}

/**
 * The base URL of an operation: the first server named by the operation, its path or the document.
 *
 * @param documentUrl where the document was read from: relative servers are resolved against it
 * @throws ImportError
 */
export function serverOf(
  document: OpenApiDocument,
  { operation, pathItem, named }: FoundOperation,
  documentUrl: URL | undefined,
): string {
  const lists = [operation['servers'], pathItem['servers'], document.root['servers']]
  const [first] = lists.map(listOf).find((list) => list.length > 0) ?? []
  const described = isObject(first) ? first : { url: '/' }
  const variables = isObject(described['variables']) ? described['variables'] : {}
  const text = textOf(described['url']).replaceAll(/\{([^{}]+)\}/g, (_all, name: string) => {
    const variable = variables[name]
    return isObject(variable) ? textOf(variable['default']) : ''
  })
  const url = URL.canParse(text, documentUrl?.href) ? new URL(text, documentUrl?.href) : undefined
  if (!url) {
    throw new ImportError('/server', `the document names no full URL for ${named}: give the base URL here`)
  }
  if (!/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '' || url.username !== '') {
    throw new ImportError(
      '/server',
      `the document's server for ${named} cannot be used: give the base URL here`,
    )
  }
  return withoutTrailing(url.href, '/')
}
