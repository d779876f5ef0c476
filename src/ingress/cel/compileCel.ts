import { boundCost } from './celCost.ts'
import { toCelNumbers } from './celNumbers.ts'
import { evaluateInThread } from './celThreads.ts'
import { evaluateCel, type CelScope, type Evaluation } from './evaluateCel.ts'
import { parseCel } from './parseCel.ts'

/** Larger payloads are parsed and looked at in a thread. */
export const MAX_BYTES_IN_PLACE = 64 * 1024

/** How long an evaluation in place may take at the most. Nanoseconds. */
const MAX_COST_IN_PLACE = 10_000_000

/** A request as expressions see it. */
export type CelInput = Omit<CelScope, 'payload'> & { payload: CelPayload }

/** A payload as JSON in UTF-8, and parsed: with all digits of its numbers, and with plain numbers. */
export type CelPayload = { readonly json: Buffer; readonly exact: unknown; readonly value: unknown }

export type Expression = {
  readonly text: string
  /**
   * Whether the expression is true of a request. What is known to be done in a moment is done in place, everything
   * else in a thread with limits on its time and its memory. An expression that has no value says why.
   *
   * Throws BellwireError `overloaded` when too many evaluations wait for a thread.
   */
  evaluate(input: CelInput): Evaluation | Promise<Evaluation>
}

/**
 * Compiles an expression in the Common Expression Language, https://cel.dev, over `payload`, `headers`, `query`,
 * `event`, `method` and `source`.
 *
 * @throws CelSyntaxError with the place in the text and what to do
 * @example compileCel('payload.action == "opened" && payload.issue.number > 100')
 */
export function compileCel(text: string): Expression {
  const parsed = parseCel(text)
  const costOf = boundCost(parsed.ast, text.length)

  const isInPlace = (json: Buffer): boolean => {
    if (!costOf || json.length > MAX_BYTES_IN_PLACE) return false
    return costOf({ bytes: json.length, values: () => countValues(json) }) <= MAX_COST_IN_PLACE
  }

  return {
    text,
    evaluate({ payload, ...rest }) {
      const { json } = payload
      if (!isInPlace(json)) return evaluateInThread({ text, json, rest }, text)
      const { exact, value } = payload
      // They are one where no number is long: nearly always.
      return evaluateCel(text, parsed, { payload: exact === value ? value : toCelNumbers(exact), ...rest })
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
