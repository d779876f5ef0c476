import type { OpenApiCredential } from '../../contract/openApiTool.ts'
import { SENDERS_OWN_HEADERS } from '../../contract/toolParts.ts'
import { ImportError } from '../imports/importError.ts'
import { resolve, type OpenApiDocument } from './document.ts'
import { isObject, type JsonObject } from '../../contract/jsonObject.ts'
import { listOf, textOf } from './json.ts'

/**
 * Finds where the credentials of an operation go. A document lists alternatives; the first one with a template for
 * every scheme is used, and none if none was required.
 *
 * @param given names of the schemes that have templates
 * @throws ImportError when no alternative is satisfied
 */
export function credentialsOf(
  document: OpenApiDocument,
  operation: JsonObject,
  { name, given }: { name: string; given: readonly string[] },
): OpenApiCredential[] {
  const stated = operation['security'] ?? document.root['security']
  // A document that requires nothing may still define schemes: a credential that is given is meant to be used.
  const ways = Array.isArray(stated) ? stated.map(schemesOf) : [[...given]]
  const open = ways.find((way) => way.length > 0 && way.every((scheme) => given.includes(scheme)))
  const way = open ?? ways.find((one) => one.length === 0) ?? (ways.length === 0 ? [] : undefined)
  if (!way) {
    const wanted = ways.map((one) => one.join(' and ')).join(', or ')
    throw new ImportError('/auth', `${name} needs a credential for ${wanted}`)
  }
  return way.map((scheme) => placeOf(document, scheme))
}

/** @throws ImportError for a scheme that the document does not define */
export function refuseUnknownSchemes(document: OpenApiDocument, given: readonly string[]): void {
  for (const scheme of given) placeOf(document, scheme)
}

function placeOf(document: OpenApiDocument, scheme: string): OpenApiCredential {
  const schemes = schemesIn(document)
  const described = Object.hasOwn(schemes, scheme) ? resolve(document, schemes[scheme]) : undefined
  if (!isObject(described)) {
    const known = Object.keys(schemes).join(', ') || 'none'
    throw new ImportError('/auth', `the document has no security scheme ${scheme}; it has ${known}`)
  }
  const place = textOf(described['in'])
  const kind = textOf(described['type'])
  if (kind === 'apiKey' && (place === 'header' || place === 'query' || place === 'cookie')) {
    const name = textOf(described['name'])
    if (place === 'header' && SENDERS_OWN_HEADERS.has(name.toLowerCase())) {
      throw new ImportError('/auth', `the header ${name} of the security scheme ${scheme} cannot be set`)
    }
    return { scheme, in: place, name }
  }
  const authorization = { scheme, in: 'header' as const, name: 'Authorization' }
  if (kind === 'oauth2' || kind === 'openIdConnect') return { ...authorization, prefix: 'Bearer' }
  if (kind === 'http') {
    const named = textOf(described['scheme'])
    const prefix = { basic: 'Basic', bearer: 'Bearer' }[named.toLowerCase()] ?? named
    return { ...authorization, prefix }
  }
  throw new ImportError('/auth', `the security scheme ${scheme} is of a kind that is not supported: ${kind}`)
}

/** The names of the security schemes of a document. */
export function schemeNames(document: OpenApiDocument): string[] {
  return Object.keys(schemesIn(document))
}

/** The security schemes of a document, by name. */
export function schemesIn({ root }: OpenApiDocument): JsonObject {
  const components = isObject(root['components']) ? root['components'] : {}
  return isObject(components['securitySchemes']) ? components['securitySchemes'] : {}
}

function schemesOf(requirement: unknown): string[] {
  return listOf([requirement]).flatMap((one) => (isObject(one) ? Object.keys(one) : []))
}
