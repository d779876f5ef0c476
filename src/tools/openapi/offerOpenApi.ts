import type { OpenApiTool } from '../../contract/openApiTool.ts'
import type { SourceTool, ToolOffer } from '../../contract/toolSource.ts'
import { isObject } from '../../contract/jsonObject.ts'
import { MAX_OFFERED, oneLine } from '../imports/offerLine.ts'
import { readDocument, resolve, type OpenApiDocument } from './document.ts'
import { textOf } from './json.ts'
import { listOperations, operationId, type ListedOperation } from './operations.ts'
import { readSource, type OpenApiImportParts } from './readSource.ts'
import { schemeNames, schemesIn } from './security.ts'

/**
 * Lists the operations of an OpenAPI document that a tool can choose from.
 *
 * @throws ImportError
 */
export async function offerOpenApi(
  config: Pick<OpenApiTool, 'url' | 'document'>,
  parts: OpenApiImportParts,
): Promise<ToolOffer> {
  const source = await readSource(config, parts)
  const document = readDocument(source.document, source.pointer, source.url)
  const listed = listOperations(document)
  const ids = new Map<string, number>()
  for (const one of listed) ids.set(operationId(one), (ids.get(operationId(one)) ?? 0) + 1)
  return {
    title: document.title,
    version: document.version,
    total: listed.length,
    data: listed.slice(0, MAX_OFFERED).map((one) => describe(one, ids)),
    schemes: schemeNames(document).map((name) => describeScheme(document, name)),
  }
}

/** An operation is named by its id, unless several have the same. */
function describe(one: ListedOperation, ids: ReadonlyMap<string, number>): SourceTool {
  const { method, path, operation, pathItem, fault } = one
  const id = operationId(one)
  const isUnique = id !== '' && ids.get(id) === 1
  const said = [operation['summary'], pathItem['summary'], operation['description']].map(textOf)
  return {
    name: isUnique ? id : `${method} ${path}`,
    method,
    path,
    summary: oneLine(said.find((text) => text !== '') ?? ''),
    access: method === 'GET' || method === 'HEAD' ? 'read' : 'write',
    ...(operation['deprecated'] === true ? { deprecated: true } : {}),
    ...(fault === undefined ? {} : { fault }),
  }
}

function describeScheme(document: OpenApiDocument, name: string): ToolOffer['schemes'][number] {
  const scheme = follow(document, name)
  const kind = textOf(scheme['type'])
  const description = oneLine(textOf(scheme['description']))
  return {
    name,
    type: [kind, kind === 'apiKey' ? textOf(scheme['in']) : textOf(scheme['scheme'])]
      .filter(Boolean)
      .join(' '),
    ...(description === '' ? {} : { description }),
  }
}

/** A reference that cannot be followed makes an operation unusable when it is chosen, not the whole list. */
function follow(document: OpenApiDocument, name: string): Record<string, unknown> {
  try {
    const scheme = resolve(document, schemesIn(document)[name])
    return isObject(scheme) ? scheme : {}
  } catch {
    return {}
  }
}
