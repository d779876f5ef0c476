import { upgradeFromTwoToThree } from '@scalar/openapi-upgrader/2.0-to-3.0'
import { ImportError } from '../imports/importError.ts'
import { isObject, type JsonObject } from '../../contract/jsonObject.ts'
import { listOf, textOf } from './json.ts'

/**
 * Converts a Swagger 2.0 document to OpenAPI 3.0. What 3.0 cannot express is reported later, when operations are read.
 *
 * @param url where the document was read from: the default for its scheme
 * @throws ImportError
 */
export function fromSwagger(written: JsonObject, pointer: string, url: URL | undefined): JsonObject {
  if (!textOf(String(written['swagger'])).startsWith('2')) {
    throw new ImportError(pointer, 'this is a Swagger 1 document; only Swagger 2.0 and OpenAPI 3 can be read')
  }
  const schemes = listOf(written['schemes']).filter((one) => one === 'https' || one === 'http')
  // The first one is used: of two the secure one.
  const known = schemes.includes('https') || schemes.length === 0 ? 'https' : 'http'
  const scheme = schemes.length === 0 && url ? url.protocol.slice(0, -1) : known
  const document = structuredClone({ ...written, swagger: '2.0', schemes: [scheme] })
  writeOutBodies(document)
  const converted = convert(document, pointer)
  if (isObject(converted) && converted['openapi'] !== undefined) return converted
  throw new ImportError(pointer, CANNOT)
}

const CANNOT = 'this Swagger 2.0 document cannot be converted to OpenAPI 3: check that it is valid'

function convert(document: JsonObject, pointer: string): unknown {
  try {
    return upgradeFromTwoToThree(document)
  } catch (cause) {
    throw new ImportError(pointer, CANNOT, { cause })
  }
}

/** In 2.0 shared bodies are parameters; in 3.0 they are not. */
function writeOutBodies(document: JsonObject): void {
  const shared = isObject(document['parameters']) ? document['parameters'] : {}
  const paths = isObject(document['paths']) ? Object.values(document['paths']).filter(isObject) : []
  for (const owner of paths.flatMap((path) => [path, ...Object.values(path).filter(isObject)])) {
    if (!Array.isArray(owner['parameters'])) continue
    owner['parameters'] = owner['parameters'].map((parameter: unknown) => {
      const reference = isObject(parameter) ? textOf(parameter['$ref']) : ''
      const target = shared[reference.replace(/^#\/parameters\//, '')]
      const isBody = isObject(target) && (target['in'] === 'body' || target['in'] === 'formData')
      return isBody ? structuredClone(target) : parameter
    })
  }
}
