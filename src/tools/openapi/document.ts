import { CORE_SCHEMA, load, mergeTag } from 'js-yaml'
import { isAtMostDeep, isJsonAtMostDeep } from '../../contract/depth.ts'
import { ImportError } from '../imports/importError.ts'
import { isAtMostLarge } from '../size.ts'
import { isObject, type JsonObject } from '../../contract/jsonObject.ts'
import { valueAtFragment } from '../../contract/jsonPointer.ts'
import { textOf } from './json.ts'
import { fromSwagger } from './swagger.ts'

/** An OpenAPI document, minimally validated: an object with paths. */
export type OpenApiDocument = {
  root: JsonObject
  /** 3.0 uses its own schema dialect; from 3.1 on it is JSON Schema. */
  isVersion30: boolean
  title: string
  version: string
}

/** YAML 1.2 plus `<<`, which is in common use. */
const YAML = CORE_SCHEMA.withTags(mergeTag)

/** Maximum characters of a YAML text: three million take about a second to read. */
const MAX_YAML = 10_000_000

/** Maximum characters of a YAML text after expanding every alias. */
const MAX_EXPANDED = 40_000_000

/** Maximum levels of a document. */
const MAX_LEVELS = 200

/** Places in a YAML text that repeat another place. */
const MAX_ALIASES = 1_000

/**
 * Reads an OpenAPI document; Swagger 2.0 is converted.
 *
 * @param source the document, or its text in JSON or YAML
 * @param pointer the field of the tool that contains it
 * @param url where it was read from
 * @throws ImportError
 */
export function readDocument(source: string | JsonObject, pointer: string, url?: URL): OpenApiDocument {
  const written = typeof source === 'string' ? parse(source, pointer) : source
  if (!isObject(written))
    throw new ImportError(pointer, 'this is not an OpenAPI document: it is not an object')
  const root = written['swagger'] === undefined ? written : fromSwagger(written, pointer, url)
  const version = root['openapi']
  if (typeof version !== 'string' || !/^3\.[0-2]\b/.test(version)) {
    throw new ImportError(
      pointer,
      'this is not an OpenAPI document of version 3.0, 3.1 or 3.2, or Swagger 2.0: see its "openapi" field',
    )
  }
  if (!isObject(root['paths'])) throw new ImportError(pointer, 'this OpenAPI document has no "paths"')
  const info = isObject(root['info']) ? root['info'] : {}
  return {
    root,
    isVersion30: version.startsWith('3.0'),
    title: textOf(info['title']),
    version: textOf(info['version']),
  }
}

function parse(text: string, pointer: string): unknown {
  if (/^\s*\{/.test(text)) {
    if (!isJsonAtMostDeep(text, MAX_LEVELS)) throw new ImportError(pointer, TOO_DEEP)
    try {
      return JSON.parse(text)
    } catch (cause) {
      // YAML may start with a brace, too.
      if (text.length > MAX_YAML) throw new ImportError(pointer, 'the document is not valid JSON', { cause })
    }
  }
  if (text.length > MAX_YAML) {
    throw new ImportError(pointer, `the document is longer than ${MAX_YAML} characters; give it as JSON`)
  }
  const value = readYaml(text, pointer)
  if (!isAtMostLarge(value, MAX_EXPANDED)) {
    throw new ImportError(
      pointer,
      `the document is longer than ${MAX_EXPANDED} characters once its YAML aliases are written out`,
    )
  }
  if (!isAtMostDeep(value, MAX_LEVELS)) throw new ImportError(pointer, TOO_DEEP)
  return value
}

const TOO_DEEP = `the document is nested more than ${MAX_LEVELS} levels deep`

function readYaml(text: string, pointer: string): unknown {
  try {
    return load(text, { schema: YAML, maxAliases: MAX_ALIASES })
  } catch (cause) {
    const reason = cause instanceof Error ? `: ${cause.message.slice(0, 300)}` : ''
    throw new ImportError(pointer, `the document is neither valid JSON nor valid YAML${reason}`, { cause })
  }
}

/** Follows `$ref` to its end, within the document. */
export function resolve(document: OpenApiDocument, value: unknown): unknown {
  let at = value
  for (let hops = 0; isObject(at) && typeof at['$ref'] === 'string'; hops += 1) {
    if (hops > 100) throw new Error(`the reference ${at['$ref']} refers to itself`)
    at = lookUp(document, at['$ref'])
  }
  return at
}

/**
 * The target of a reference.
 *
 * @throws Error for one that points outside the document, or cannot be resolved
 */
export function lookUp({ root }: OpenApiDocument, reference: string): unknown {
  if (!reference.startsWith('#')) {
    throw new Error(
      `the reference ${reference} points outside the document: bundle it into one file, for example by "npx @redocly/cli bundle"`,
    )
  }
  const target = valueAtFragment(root, reference)
  if (target === undefined) throw new Error(`the reference ${reference} cannot be resolved`)
  return target
}
