import { withoutTrailing } from './withoutTrailing.ts'

/**
 * Matches what may be a number that loses digits, where JSON has a value: sixteen digits, or an exponent. A string that
 * looks like one only costs time.
 */
const SUSPICIOUS = /(?:^|[:[,\s])-?(?:\d[\d.]{15}|\d[\d.]*[eE])/

/** Available in newer runtimes and not in their types yet; a browser may lack it. */
const json: JSON & { rawJSON?: (text: string) => unknown } = JSON

type Reviver = (this: unknown, key: string, value: unknown, context?: { source?: string }) => unknown

/**
 * A number that a JavaScript number cannot represent, such as a 64-bit id or a long decimal. JSON.stringify writes it
 * with the original digits; as text it has all its digits, too.
 */
export class ExactNumber {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  toString(): string {
    return this.#text
  }

  valueOf(): number {
    return Number(this.#text)
  }

  toJSON(): unknown {
    return json.rawJSON?.(this.#text) ?? Number(this.#text)
  }
}

/**
 * Parses JSON without losing digits: numbers that would lose some become an {@link ExactNumber}, all other values are
 * those of JSON.parse. For text without long numbers the extra cost over JSON.parse is one search.
 *
 * @throws SyntaxError
 */
export function parseExact(text: string): unknown {
  if (!json.rawJSON || !hasLongNumber(text)) return JSON.parse(text)
  const revive: Reviver = (_key, value, context) =>
    typeof value === 'number' && context?.source !== undefined && losesDigits(value, context.source)
      ? new ExactNumber(context.source)
      : value
  return JSON.parse(text, revive)
}

/** Whether a text may contain a number that JSON.parse would round. */
export function hasLongNumber(text: string): boolean {
  return SUSPICIOUS.test(text)
}

/**
 * The value with plain JavaScript numbers, for code that compares sizes and does not need all digits: the same value
 * where it has no {@link ExactNumber}.
 */
export function toPlainNumbers(value: unknown): unknown {
  return hasExactNumber(value) ? convert(value) : value
}

function convert(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof ExactNumber) return Number(value)
  if (Array.isArray(value)) return value.map(convert)
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, convert(item)]))
}

/** Whether the value contains an {@link ExactNumber}. */
export function hasExactNumber(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return value instanceof ExactNumber || Object.values(value).some(hasExactNumber)
}

/** Whether two JSON values are the same, whatever the order of their members. Numbers are compared digit by digit. */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  if (a instanceof ExactNumber || b instanceof ExactNumber) {
    if (!(a instanceof ExactNumber && b instanceof ExactNumber)) return false
    return canonical(a.toString()) === canonical(b.toString())
  }
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const members = new Map(Object.entries(b))
  const list = Object.entries(a)
  return (
    list.length === members.size &&
    list.every(([name, value]) => members.has(name) && isSameJson(value, members.get(name)))
  )
}

/** A JSON value as text. Two values have the same text exactly if {@link isSameJson} is true for them. */
export function canonicalJson(value: unknown): string {
  if (value instanceof ExactNumber) return `#${canonical(value.toString())}`
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined'
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, item]) => `${JSON.stringify(name)}:${canonicalJson(item)}`).join()}}`
}

function losesDigits(value: number, source: string): boolean {
  const text = String(value)
  return text !== source && canonical(text) !== canonical(source)
}

/** A decimal number as digits and exponent, the same for every notation. */
function canonical(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  if (whole === '') return text
  const digits = (whole + fraction).replace(/^0+/, '')
  const short = withoutTrailing(digits, '0')
  if (short === '') return '0'
  return `${sign}${short}e${Number(exponent) - fraction.length + digits.length - short.length}`
}
