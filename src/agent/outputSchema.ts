import type { Validate } from '../tools/jsonSchema.ts'
import { RunFailure } from './runFailure.ts'

/** A whole text that is one fenced block: models wrap JSON in it although nobody asked. */
const FENCED = /^```(?:json)?\s*\n([\s\S]*?)\n?```$/

/**
 * Reads the output that the agent's schema asks for out of the model's text.
 *
 * @throws RunFailure `output_invalid`; trying again is no use, since the answer is in the journal
 */
export function parseOutput(text: string, validate: Validate): unknown {
  const trimmed = text.trim()
  const value = parseJson(FENCED.exec(trimmed)?.[1] ?? trimmed)
  if (value === undefined) {
    const what =
      trimmed === '' ? 'The model answered with nothing' : 'The model answered with something other than JSON'
    throw new RunFailure('output_invalid', `${what}, but the agent has an output schema.`)
  }
  const complaint = validate(value)
  if (complaint === undefined) return value
  throw new RunFailure('output_invalid', `The model's answer does not match the output schema: ${complaint}.`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
