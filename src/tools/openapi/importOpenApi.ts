import type { OpenApiImport, OpenApiOperation, OpenApiTool } from '../../contract/openApiTool.ts'
import { ImportError, refuseLarge } from '../imports/importError.ts'
import { checkSchema } from '../schemas/schemaCompiler.ts'
import { modelNames } from '../modelName.ts'
import { readDocument, type OpenApiDocument } from './document.ts'
import { textOf } from './json.ts'
import { findOperations, operationId, serverOf, type FoundOperation } from './operations.ts'
import { readRequest } from './parameters.ts'
import { readSource, type OpenApiImportParts } from './readSource.ts'
import { credentialsOf, refuseUnknownSchemes } from './security.ts'

/** Maximum characters of a description that are stored. */
const MAX_DESCRIPTION = 4096

/**
 * Reads an OpenAPI document, and extracts what is needed to call the chosen operations.
 *
 * @throws ImportError
 */
export async function importOpenApi(
  config: OpenApiTool,
  parts: OpenApiImportParts,
  now: Date,
): Promise<OpenApiImport> {
  const source = await readSource(config, parts)
  const document = readDocument(source.document, source.pointer, source.url)
  const found = findOperations(document, config.operations)
  const given = Object.keys(config.auth ?? {})
  refuseUnknownSchemes(document, given)
  if (config.server !== undefined && /[?#]/.test(config.server)) {
    throw new ImportError('/server', 'a base URL must not have a query or a fragment')
  }
  const names = modelNames(config.name, shortNames(found))
  const imported: OpenApiImport = {
    imported_at: now.toISOString(),
    title: document.title,
    version: document.version,
    operations: found.map((one, at) => ({
      ...readOperation(document, one, given),
      name: names[at] ?? config.name,
      ...(config.server === undefined ? { server: serverOf(document, one, source.url) } : {}),
    })),
  }
  refuseLarge(imported, '/operations')
  return imported
}

/** @throws ImportError */
export function readOperation(
  document: OpenApiDocument,
  found: FoundOperation,
  given: readonly string[],
): Omit<OpenApiOperation, 'name'> {
  const { named, operation, pathItem, method, path, pointer } = found
  try {
    const credentials = credentialsOf(document, operation, { name: named, given })
    const request = readRequest(document, found, credentials)
    const check = checkSchema(request.parameters)
    if (!check.ok) throw new Error(check.detail)
    const isRead = method === 'GET' || method === 'HEAD'
    const said = [operation['summary'] ?? pathItem['summary'], operation['description']].map(textOf)
    return {
      operation: named,
      method,
      path,
      description: [...new Set(said)].filter(Boolean).join('\n\n').slice(0, MAX_DESCRIPTION).toWellFormed(),
      parameters: request.parameters,
      arguments: request.arguments,
      ...(request.body ? { body: request.body } : {}),
      credentials,
      access: isRead ? 'read' : 'write',
      idempotent: isRead || request.idempotent,
    }
  } catch (error) {
    if (error instanceof ImportError) throw error
    const message = error instanceof Error ? error.message : String(error)
    throw new ImportError(pointer, `${named} cannot be used: ${message}`, { cause: error })
  }
}

/** Names operations for the model: by their id; by method and path if there is none, or several are the same. */
function shortNames(found: readonly FoundOperation[]): string[] {
  const ids = found.map(operationId)
  const counts = new Map<string, number>()
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1)
  return found.map(({ method, path }, at) => {
    const id = ids[at] ?? ''
    if (id !== '' && counts.get(id) === 1) return id
    const words = path.replaceAll(/[^a-zA-Z0-9]+/g, '_').replaceAll(/^_+|_+$/g, '')
    return [method.toLowerCase(), words].filter(Boolean).join('_')
  })
}
