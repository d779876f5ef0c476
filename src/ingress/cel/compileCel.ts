import type { ParseResult } from '@marcbachmann/cel-js'
import { boundCost } from './celCost.ts'
import { toCelNumbers } from './celNumbers.ts'
import { evaluateInThread } from './celThreads.ts'
import { evaluateCel, evaluateCelKey, type CelScope, type Evaluated } from './evaluateCel.ts'
import { parseCel, type CelKind } from './parseCel.ts'

/** Larger payloads are parsed and looked at in a thread. */
export const MAX_BYTES_IN_PLACE = 64 * 1024

/** How long an evaluation in place may take at the most. Nanoseconds. */
const MAX_COST_IN_PLACE = 10_000_000

/** A request as expressions see it. */
export type CelInput = Omit<CelScope, 'payload'> & { payload: CelPayload }

/** A payload as JSON in UTF-8, and parsed: with all digits of its numbers, and with plain numbers. */
export type CelPayload = { readonly json: Buffer; readonly exact: unknown; readonly value: unknown }

/** An expression that is made ready. Its value is true or false, or the text of a key. */
export type Expression<T = boolean> = {
  readonly text: string
  /**
   * Evaluates the expression for a request. What is known to be done in a moment is done in place, everything else in a
   * thread with limits on its time and its memory. An expression that has no value says why.
   *
   * Throws BellwireError `overloaded` when too many evaluations wait for a thread.
   */
  evaluate(input: CelInput): Evaluated<T> | Promise<Evaluated<T>>
}

/**
 * Compiles a condition in the Common Expression Language, https://cel.dev, over `payload`, `headers`, `query`, `event`,
 * `method` and `source`.
 *
 * @throws CelSyntaxError with the place in the text and what to do
 * @example compileCel('payload.action == "opened" && payload.issue.number > 100')
 */
export function compileCel(text: string): Expression {
  return compile(text, 'condition', evaluateCel)
}

/**
 * The same for an expression whose value names something: a text or a number, or null for nothing.
 *
 * @example compileCelKey('payload.issue.number')
 */
export function compileCelKey(text: string): Expression<string | undefined> {
  return compile(text, 'key', evaluateCelKey)
}

function compile<T>(
  text: string,
  kind: CelKind,
  evaluate: (text: string, parsed: ParseResult, scope: CelScope) => Evaluated<T>,
): Expression<T> {
  const parsed = parseCel(text, kind)
  const costOf = boundCost(parsed.ast, text.length)

  const isInPlace = (json: Buffer): boolean => {
    if (!costOf || json.length > MAX_BYTES_IN_PLACE) return false
    const bytes = json.length
    // Each value but the first follows a character of its own: nearly always, that bound is enough.
    return (
      costOf({ bytes, values: () => bytes }) <= MAX_COST_IN_PLACE ||
      costOf({ bytes, values: () => countValues(json) }) <= MAX_COST_IN_PLACE
    )
  }

  return {
    text,
    evaluate({ payload, ...rest }) {
      const { json } = payload
      if (!isInPlace(json)) return evaluateInThread<T>({ text, json, rest, isKey: kind === 'key' }, text)
      const { exact, value } = payload
      // They are one where no number is long: nearly always.
      return evaluate(text, parsed, { payload: exact === value ? value : toCelNumbers(exact), ...rest })
    },
  }
}

/** How many values a JSON text may hold: each but the first of a list or an object follows a comma. */
function countValues(json: Buffer): number {
  let count = 1
  for (const byte of json) if (byte === COMMA || byte === BRACKET || byte === BRACE) count += 1
  return count
}

const COMMA = 0x2c
const BRACKET = 0x5b
const BRACE = 0x7b
