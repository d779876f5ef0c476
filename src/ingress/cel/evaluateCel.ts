import type { ParseResult } from '@marcbachmann/cel-js'
import { describeCelError } from './celError.ts'

/** What an expression reads. Names of headers are in lower case. */
export type CelScope = {
  payload: unknown
  headers: Readonly<Record<string, string>>
  query: Readonly<Record<string, unknown>>
  event: string
  method: string
  source: string
}

/** The value of a condition, or why it has none: one line, with the place in the text. */
export type Evaluation = Evaluated<boolean>

/** The same of an expression that names something; undefined for null and for an empty text: it names nothing. */
export type KeyEvaluation = Evaluated<string | undefined>

/** A value, or why there is none. */
export type Evaluated<T> = { ok: true; value: T } | { ok: false; error: string }

/** Characters of a key at most. */
export const MAX_KEY = 500

/** Evaluates a parsed condition in this thread. */
export function evaluateCel(text: string, parsed: ParseResult, scope: CelScope): Evaluation {
  return evaluate(text, parsed, scope, (value) =>
    typeof value === 'boolean'
      ? { ok: true, value }
      : { ok: false, error: `the value is ${kindOf(value)}; it must be true or false` },
  )
}

/** Evaluates a parsed expression that names something, in this thread. Numbers are written as text. */
export function evaluateCelKey(text: string, parsed: ParseResult, scope: CelScope): KeyEvaluation {
  return evaluate(text, parsed, scope, toKey)
}

function toKey(value: unknown): KeyEvaluation {
  if (value === null || value === undefined) return { ok: true, value: undefined }
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') {
    return { ok: false, error: `the value is ${kindOf(value)}; it must be a text, a number or null` }
  }
  const key = String(value)
  if (key.length > MAX_KEY) {
    return { ok: false, error: `the value has ${key.length} characters; at most ${MAX_KEY} are allowed` }
  }
  if (key.includes('\0') || !key.isWellFormed()) {
    return { ok: false, error: 'the value holds the character NUL or half a surrogate pair' }
  }
  return { ok: true, value: key === '' ? undefined : key }
}

function evaluate<T>(
  text: string,
  parsed: ParseResult,
  scope: CelScope,
  toEvaluation: (value: unknown) => Evaluated<T>,
): Evaluated<T> {
  const traced = Error.stackTraceLimit
  // A loop over many elements that lack a field makes an error for each of them.
  Error.stackTraceLimit = 0
  try {
    return toEvaluation(parsed(scope))
  } catch (error) {
    return { ok: false, error: describeCelError(text, error) }
  } finally {
    Error.stackTraceLimit = traced
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'bigint') return 'a number'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
