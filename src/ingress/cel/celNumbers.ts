import { ExactNumber, hasLongNumber, parseExact } from '../../contract/exactJson.ts'

/** Digits of an integer that keeps all of them: more than 64 bits have. */
const MAX_DIGITS = 40

/** Parses JSON with numbers as {@link toCelNumbers} has them. Throws SyntaxError. */
export function parseForCel(json: string): unknown {
  return hasLongNumber(json) ? toCelNumbers(parseExact(json)) : JSON.parse(json)
}

/**
 * The value with numbers as CEL has them: those that JavaScript can hold are decimals, which compare with integers; a
 * long integer is an integer, so that ids compare digit by digit; a long decimal is rounded.
 */
export function toCelNumbers(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof ExactNumber) return toNumber(String(value))
  if (Array.isArray(value)) return value.map(toCelNumbers)
  const entries = Object.entries(value).map(([name, item]) => [name, toCelNumbers(item)])
  return Object.fromEntries(entries) as unknown
}

function toNumber(text: string): bigint | number {
  return text.length <= MAX_DIGITS && /^-?\d+$/.test(text) ? BigInt(text) : Number(text)
}
