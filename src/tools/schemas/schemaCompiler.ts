import { Ajv } from 'ajv'
import type { ErrorObject, KeywordDefinition, Options, ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { jsonPointer } from '../../contract/fieldErrors.ts'
import type { FieldError } from '../../errors.ts'
import { compilePattern } from './pattern.ts'
import { measureSchema } from './schemaSize.ts'

/** The result of a check on saving: valid, or a sentence for the person who saves. */
export type Check = { ok: true } | { ok: false; detail: string }

/** A schema that checks values in this thread, for as long as that takes. */
export type CompiledSchema = {
  /** Returns the error of a value in one sentence; undefined when it is valid. */
  validate(value: unknown): string | undefined
  /** Says of each place in the value what does not fit, with a JSON pointer. */
  mismatches(value: unknown): FieldError[]
  /** Every pattern takes time by the length of the text alone. */
  isLinear: boolean
}

/** Maximum errors in one sentence. The first ones are the most useful. */
const MAX_ERRORS = 5

/** The same where each has a place of its own. */
const MAX_MISMATCHES = 100

const OPTIONS: Options = {
  // Schemas are written for many tools; an unknown keyword is not an error.
  strict: false,
  allErrors: true,
  logger: false,
  // Only small ones: large ones would be inlined at each reference.
  inlineRefs: 20,
}

/** The library compares each item of a list with each other one: a long list from a model would take minutes. */
const UNIQUE_ITEMS: KeywordDefinition = {
  keyword: 'uniqueItems',
  type: 'array',
  schemaType: 'boolean',
  validate: (wanted: boolean, items: unknown[]) =>
    !wanted || new Set(items.map(canonical)).size === items.length,
  error: { message: 'must NOT have duplicate items' },
}

/** JSON text that is the same for equal values, whatever the order of their members. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  )
}

/**
 * Compiles a JSON Schema of draft 2020-12, or of draft 7 if `$schema` says so.
 *
 * @throws Error with a sentence about the schema's first error, or that it is too large
 */
export function compileSchema(schema: object): CompiledSchema {
  const { validate, isLinear } = compile(schema)
  return {
    isLinear,
    validate: (value) => (validate(value) ? undefined : describe(validate.errors ?? [])),
    mismatches: (value) =>
      validate(value) ? [] : (validate.errors ?? []).slice(0, MAX_MISMATCHES).map(toFieldError),
  }
}

/**
 * Every schema has its own compiler: in a shared one, a schema with the `$id` of another (the meta-schema's, for
 * example) would replace it for all users. A schema may refer to itself, and to nothing outside.
 */
function compile(schema: object): { validate: ValidateFunction; isLinear: boolean } {
  measureSchema(schema)
  if ('$async' in schema) throw new Error('"$async" is not supported')
  const dialect = '$schema' in schema ? schema.$schema : undefined
  const isDraft7 = typeof dialect === 'string' && dialect.includes('draft-07')
  let isLinear = true
  // The texts come from models: see compilePattern.
  const regExp = (pattern: string, flags: string) => {
    const compiled = compilePattern(pattern, flags)
    isLinear &&= compiled.isLinear
    return compiled
  }
  const options = { ...OPTIONS, code: { regExp: Object.assign(regExp, { code: 'new RegExp' }) } }
  const ajv = isDraft7 ? new Ajv(options) : new Ajv2020(options)
  ajv.removeKeyword('uniqueItems').addKeyword(UNIQUE_ITEMS)
  const validate = formats.default(ajv).compile(schema)
  return { validate, isLinear }
}

function toFieldError(error: ErrorObject): FieldError {
  const missing: unknown = error.keyword === 'required' ? error.params['missingProperty'] : undefined
  if (typeof missing === 'string') {
    return { pointer: `${error.instancePath}${jsonPointer([missing])}`, detail: 'is missing' }
  }
  return { pointer: error.instancePath, detail: `${error.message ?? 'is not valid'}${parameterOf(error)}` }
}

/** Whether a value is a valid JSON Schema. */
export function checkSchema(schema: unknown): Check {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
    return { ok: false, detail: 'a JSON Schema must be an object' }
  }
  try {
    const { validate } = compile(schema)
    // Infinite recursion shows on the first value of its kind.
    for (const value of [null, true, 0, '', [], {}]) validate(value)
    return { ok: true }
  } catch (error) {
    if (error instanceof RangeError) return { ok: false, detail: 'it refers to itself without end' }
    return { ok: false, detail: error instanceof Error ? error.message : String(error) }
  }
}

function describe(errors: ErrorObject[]): string {
  const said = errors.slice(0, MAX_ERRORS).map((error) => {
    const where = error.instancePath === '' ? 'the value' : error.instancePath
    return `${where} ${error.message ?? 'is not valid'}${parameterOf(error)}`
  })
  if (errors.length > MAX_ERRORS) said.push(`and ${errors.length - MAX_ERRORS} more`)
  return said.join('; ')
}

/** The parameter of an error that its message omits. */
function parameterOf({ keyword, params }: ErrorObject): string {
  if (keyword === 'additionalProperties') return `: ${JSON.stringify(params['additionalProperty'])}`
  if (keyword === 'unevaluatedProperties') return `: ${JSON.stringify(params['unevaluatedProperty'])}`
  if (keyword === 'enum') return `: ${JSON.stringify(params['allowedValues'])}`
  if (keyword === 'const') return `: ${JSON.stringify(params['allowedValue'])}`
  return ''
}
