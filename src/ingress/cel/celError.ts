import { LINEAR_MATCHES } from './celEnvironment.ts'

/** Something wrong in an expression: where it is, and what. */
type Place = { summary: string; code?: string | undefined; position: number | undefined }

/**
 * Says in one line where something is wrong in an expression, what, and what to do about it.
 *
 * @example describeCelError(text, error) → 'line 1, column 9: there is no key "comment"; check it first: has(…)'
 */
export function describeCelError(text: string, error: unknown): string {
  const { summary, code, position } = placeOf(error)
  const where = position === undefined ? '' : `${describePlace(text, position)}: `
  const advice = code === undefined ? undefined : ADVICE[code]
  return where + summary.replaceAll(LINEAR_MATCHES, 'matches') + (advice ?? '')
}

/** `line 2, column 7`, both from 1. */
export function describePlace(text: string, position: number): string {
  const before = text.slice(0, position)
  const line = before.split('\n').length
  return `line ${line}, column ${position - before.lastIndexOf('\n')}`
}

const ADVICE: Record<string, string> = {
  no_such_key: '. Check for optional fields first, as in has(payload.field) && payload.field == 1',
  unknown_variable: '. The variables are payload, headers, query, event, method and source',
  unexpected_character: '. Operators are ==, !=, <, <=, >, >=, in, &&, || and !',
  unexpected_token: '. See https://cel.dev for the syntax',
}

function placeOf(error: unknown): Place {
  if (!(error instanceof Error)) return { summary: String(error), position: undefined }
  const summary = 'summary' in error && typeof error.summary === 'string' ? error.summary : error.message
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const range = 'range' in error ? error.range : undefined
  const start = typeof range === 'object' && range !== null && 'start' in range ? range.start : undefined
  return { summary, code, position: typeof start === 'number' ? start : undefined }
}
