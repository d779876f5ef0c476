import { nearest } from '../../contract/nearest.ts'
import { ImportError } from '../importError.ts'
import { isObject, listOf, resolve, textOf, type JsonObject, type OpenApiDocument } from './document.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** An operation of a document, as it stands there. */
export type FoundOperation = {
  /** As "operations" of the tool names it. */
  named: string
  /** The field of the tool that names it. */
  pointer: string
  method: (typeof METHODS)[number]
  path: string
  pathItem: JsonObject
  operation: JsonObject
}

/**
 * Finds the operations that a tool names: by operationId, or as "METHOD /path".
 *
 * @throws ImportError for one that is not there
 */
export function findOperations(document: OpenApiDocument, wanted: readonly string[]): FoundOperation[] {
  const byName = index(document)
  return [...new Set(wanted)].map((named) => {
    const pointer = `/operations/${wanted.indexOf(named)}`
    const [method = '', ...path] = named.trim().split(/\s+/)
    const found = byName.get(named) ?? byName.get(`${method.toUpperCase()} ${path.join(' ')}`)
    if (found) return { ...found, named, pointer }
    const similar = nearest(named, [...byName.keys()])
    const advice = similar === undefined ? '' : `; did you mean ${similar}?`
    throw new ImportError(pointer, `the document has no operation ${named}${advice}`)
  })
}

function index(document: OpenApiDocument): Map<string, Omit<FoundOperation, 'named' | 'pointer'>> {
  const byName = new Map<string, Omit<FoundOperation, 'named' | 'pointer'>>()
  const paths = isObject(document.root['paths']) ? document.root['paths'] : {}
  for (const [path, item] of Object.entries(paths)) {
    const pathItem = path.startsWith('/') ? resolve(document, item) : undefined
    if (!isObject(pathItem)) continue
    for (const method of METHODS) {
      const operation = pathItem[method.toLowerCase()]
      if (!isObject(operation)) continue
      const found = { method, path, pathItem, operation }
      byName.set(`${method} ${path}`, found)
      const id = textOf(operation['operationId'])
      if (id !== '' && !byName.has(id)) byName.set(id, found)
    }
  }
  return byName
}

/**
 * The base URL of an operation: the first server that the operation, its path or the document names.
 *
 * @param documentUrl where the document was read: relative servers start from there
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
  return url.href.replace(/\/+$/, '')
}
