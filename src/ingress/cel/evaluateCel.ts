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

/** The value of an expression, or why it has none: one line, with the place in the text. */
export type Evaluation = { ok: true; value: boolean } | { ok: false; error: string }

/** Evaluates a parsed expression in this thread. */
export function evaluateCel(text: string, parsed: ParseResult, scope: CelScope): Evaluation {
  const traced = Error.stackTraceLimit
  // A loop over many elements that lack a field makes an error for each of them.
  Error.stackTraceLimit = 0
  try {
    const value: unknown = parsed(scope)
    if (typeof value === 'boolean') return { ok: true, value }
    return { ok: false, error: `the value is ${kindOf(value)}; it must be true or false` }
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
