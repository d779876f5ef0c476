import { setImmediate } from 'node:timers/promises'
import type { FieldError } from '../../errors.ts'
import { checkSchema, compileSchema, type Check, type CompiledSchema } from './schemaCompiler.ts'
import { measureSchema } from './schemaSize.ts'
import { isAtMostLarge } from '../size.ts'
import type { MismatchesJob } from '../threads/job.ts'
import { WorkError, WorkLimitError } from '../threads/threadPool.ts'
import { inThread, isShared } from '../threads/threads.ts'

export type { Check }

/** Returns the error of a value in one sentence; undefined when it is valid. */
export type Validate = (value: unknown) => Promise<string | undefined>

/** Maximum schemas, with references followed, that are compiled in place: that takes about ten milliseconds at most. */
const MAX_EXPANDED = 300

/** Maximum schemas times characters of a value that are checked in place: that takes a few milliseconds. */
const MAX_WORK = 1_000_000

/**
 * Compiles a JSON Schema of draft 2020-12, or of draft 7 if `$schema` says so. Small schemas whose patterns take linear
 * time check small values in place; everything else runs in a thread that is ended at its time limit, and a value that
 * could not be checked within it is invalid.
 *
 * @throws Error with a sentence about the schema's first error, as far as it is compiled here
 */
export function compileJsonSchema(schema: object): Validate {
  const { text, inPlace } = prepare(schema)

  return async (value) => {
    const here = inPlace(value)
    if (here) return here.validate(value)
    try {
      const complaint = await inThread({ kind: 'validate', schema: text, value }, text)
      return typeof complaint === 'string' ? complaint : undefined
    } catch (error) {
      if (error instanceof WorkLimitError) return `the check was stopped: ${error.message}`
      if (error instanceof WorkError) return `it could not be checked: ${error.message}`
      throw error
    }
  }
}

/** `inPlace`: the compiled schema if this thread may check the value; undefined if another thread has to. */
function prepare(schema: object): { text: string; inPlace: (value: unknown) => CompiledSchema | undefined } {
  const { expanded, isRecursive } = measureSchema(schema)
  const isSmall = expanded <= MAX_EXPANDED && !isRecursive
  const compiled = isSmall || !isShared ? compileSchema(schema) : undefined
  const isQuick = (value: unknown): boolean =>
    !isShared || (compiled?.isLinear === true && isAtMostLarge(value, MAX_WORK / expanded))
  return { text: JSON.stringify(schema), inPlace: (value) => (isQuick(value) ? compiled : undefined) }
}

/** Says of each place in a value what does not fit a schema, with a JSON pointer. */
export type FindMismatches = (value: unknown) => Promise<FieldError[]>

/**
 * Compiles a JSON Schema once for values of which every place that does not fit is wanted; where and for how long it
 * checks them is as for {@link compileJsonSchema}.
 *
 * @throws Error with a sentence that says what is wrong with the schema, as far as it is compiled here
 */
export function compileMismatches(schema: object): FindMismatches {
  const { text, inPlace } = prepare(schema)

  return async (value) => {
    const here = inPlace(value)
    if (here) return here.mismatches(value)
    return mismatchesInThread({ kind: 'mismatches', schema: text, value })
  }
}

/** A value that is parsed when it is read, and its JSON in UTF-8. */
export type JsonSource = { json: Uint8Array; readonly value: unknown }

/** JSON from this length on is parsed in a thread: that, and copying the values there, takes longer than copying it. */
const LONG_JSON_BYTES = 256 * 1024

/** {@link compileMismatches} for values that are there as JSON. Long ones are parsed and checked in a thread. */
export function compileJsonMismatches(schema: object): (source: JsonSource) => Promise<FieldError[]> {
  const findMismatchesOf = compileMismatches(schema)
  const text = JSON.stringify(schema)
  return async (source) =>
    isShared && source.json.length > LONG_JSON_BYTES
      ? mismatchesInThread({ kind: 'mismatches', schema: text, json: source.json })
      : findMismatchesOf(source.value)
}

async function mismatchesInThread(job: MismatchesJob): Promise<FieldError[]> {
  try {
    const found = await inThread(job, job.schema)
    return Array.isArray(found) ? found : []
  } catch (error) {
    if (!(error instanceof WorkLimitError)) throw error
    return [{ pointer: '', detail: `the check was abandoned: ${error.message}` }]
  }
}

/** {@link compileMismatches} for one value. Rejects with an Error when the schema cannot be used. */
export async function findMismatches(schema: object, value: unknown): Promise<FieldError[]> {
  return compileMismatches(schema)(value)
}

/** Whether a value is a JSON Schema that can be used. */
export async function checkJsonSchema(schema: unknown): Promise<Check> {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
    return { ok: false, detail: 'a JSON Schema must be an object' }
  }
  try {
    const { expanded, isRecursive } = measureSchema(schema)
    if (expanded <= MAX_EXPANDED && !isRecursive) {
      // There may be many of them: yield in between.
      await setImmediate()
      return checkSchema(schema)
    }
    const text = JSON.stringify(schema)
    const found = await inThread({ kind: 'check-schema', schema: text }, text)
    return isCheck(found) ? found : { ok: false, detail: 'it could not be checked' }
  } catch (error) {
    if (error instanceof WorkLimitError) {
      return { ok: false, detail: `the check was stopped: ${error.message}` }
    }
    if (error instanceof Error) return { ok: false, detail: error.message }
    throw error
  }
}

function isCheck(value: unknown): value is Check {
  return typeof value === 'object' && value !== null && 'ok' in value
}
