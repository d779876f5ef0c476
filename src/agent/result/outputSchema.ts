import { isAtMostDeep } from '../../contract/depth.ts'
import { toPlainNumbers } from '../../contract/exactJson.ts'
import type { Validate } from '../../tools/schemas/jsonSchema.ts'
import { findJson } from './findJson.ts'

/** Maximum levels of JSON; deeper values would overflow the stack. */
const MAX_LEVELS = 500

export type Output = { ok: true; value: unknown } | { ok: false; complaint: string }

/**
 * Extracts the output required by the agent's schema from the model's text, or returns a sentence that says what is
 * wrong.
 */
export async function parseOutput(text: string, validate: Validate): Promise<Output> {
  const trimmed = text.trim()
  if (trimmed === '') {
    return { ok: false, complaint: 'The model returned an empty answer, but the agent has an output schema.' }
  }
  const value = findJson(trimmed)
  if (value === undefined) {
    const complaint = 'The model did not answer with JSON, but the agent has an output schema.'
    return { ok: false, complaint }
  }
  if (!isAtMostDeep(value, MAX_LEVELS)) {
    return { ok: false, complaint: `The model's answer is nested more than ${MAX_LEVELS} levels deep.` }
  }
  const plain = toPlainNumbers(value)
  if (hasInfinity(plain)) {
    return { ok: false, complaint: "The model's answer contains a number that is too large." }
  }
  const complaint = await validate(plain)
  if (complaint === undefined) return { ok: true, value }
  return { ok: false, complaint: `The model's answer does not match the output schema: ${complaint}.` }
}

/** JSON can contain numbers that JavaScript cannot: they become infinite and could not be written as JSON again. */
function hasInfinity(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value)
  return typeof value === 'object' && value !== null && Object.values(value).some(hasInfinity)
}
