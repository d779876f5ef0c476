import { CORE_SCHEMA, load, mergeTag } from 'js-yaml'
import { isAtMostDeep, isJsonAtMostDeep } from '../../contract/depth.ts'
import { ImportError } from '../importError.ts'
import { isAtMostLarge } from '../size.ts'
import { isObject, type JsonObject } from '../../contract/jsonObject.ts'
import { textOf } from './json.ts'
import { fromSwagger } from './swagger.ts'

/** An OpenAPI document, as far as it was looked at: an object with paths. */
export type OpenApiDocument = {
  root: JsonObject
  /** 3.0 writes schemas in a dialect of its own; from 3.1 on they are JSON Schema. */
  isVersion30: boolean
  title: string
  version: string
}

/** YAML 1.2, and `<<`, which many write all the same. */
const YAML = CORE_SCHEMA.withTags(mergeTag)

/** Characters of a YAML text: reading it takes about a second for three million. */
const MAX_YAML = 10_000_000

/** Characters that a YAML text may stand for, with every alias written out. */
const MAX_EXPANDED = 40_000_000

/** Levels of a document. */
const MAX_LEVELS = 200

/** Places in a YAML text that repeat another place. */
const MAX_ALIASES = 1_000

/**
 * Reads an OpenAPI document; one of Swagger 2.0 is converted.
 *
 * @param source the document, or its text in JSON or YAML
 * @param pointer the field of the tool that it comes from
 * @param url where it was read
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
      // YAML may begin with a brace, too.
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

/** Follows `$ref` until there is none, within the document. */
export function resolve(document: OpenApiDocument, value: unknown): unknown {
  let at = value
  for (let hops = 0; isObject(at) && typeof at['$ref'] === 'string'; hops += 1) {
    if (hops > 100) throw new Error(`the reference ${at['$ref']} leads back to itself`)
    at = lookUp(document, at['$ref'])
  }
  return at
}

/**
 * What a reference points at.
 *
 * @throws Error for one that leads out of the document, or nowhere
 */
export function lookUp({ root }: OpenApiDocument, reference: string): unknown {
  if (!reference.startsWith('#')) {
    throw new Error(
      `the reference ${reference} leads out of the document: bundle it into one file, for example by "npx @redocly/cli bundle"`,
    )
  }
  let at: unknown = root
  for (const part of reference.slice(1).split('/').slice(1)) {
    const key = decode(part).replaceAll('~1', '/').replaceAll('~0', '~')
    at = (isObject(at) || Array.isArray(at)) && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined
    if (at === undefined) throw new Error(`the reference ${reference} leads nowhere`)
  }
  return at
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
