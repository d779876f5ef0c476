import { shorten } from '../../../../src/contract/shorten.ts'
import { ExactNumber } from '../../../../src/contract/exactJson.ts'

/** How many characters of one value a row shows. */
const VALUE = 60

/** How many characters of all arguments a row shows. */
const ALL = 160

/** Arguments as they are shown after a tool's name: `"error 5"`, or `repository: "acme/shop", limit: 5`. */
export function describeArguments(args: unknown): string {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return shorten(shown(args), ALL)
  const entries = Object.entries(args)
  const [only] = entries
  if (entries.length === 1 && only && typeof only[1] === 'string') return shorten(shown(only[1]), ALL)
  return shorten(entries.map(([name, value]) => `${name}: ${shown(value)}`).join(', '), ALL)
}

/**
 * A call as a sentence for the person who decides about it: `refund: 49.00 EUR, order 1024`. An amount with a currency
 * comes first, and is formatted as money.
 */
export function describeCall(tool: string, args: unknown): string {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return `${tool}: ${plain(args)}`
  const { money, rest } = moneyOf(args as Record<string, unknown>)
  const parts = [...(money === undefined ? [] : [money]), ...rest.map(([name, value]) => part(name, value))]
  return parts.length === 0 ? tool : `${tool}: ${parts.join(', ')}`
}

function part(name: string, value: unknown): string {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .toLowerCase()
  if (value === true) return words
  if (value === false) return `not ${words}`
  return `${words} ${plain(value)}`
}

function moneyOf(args: Record<string, unknown>): { money?: string; rest: [string, unknown][] } {
  const { amount, currency, ...rest } = args
  const isMoney =
    (typeof amount === 'number' || amount instanceof ExactNumber || typeof amount === 'string') &&
    typeof currency === 'string' &&
    /^[A-Za-z]{3}$/.test(currency)
  if (!isMoney) return { rest: Object.entries(args) }
  const text = typeof amount === 'number' ? decimals(amount) : String(amount)
  return { money: `${text} ${currency.toUpperCase()}`, rest: Object.entries(rest) }
}

/** Two decimals, unless there are more. */
function decimals(amount: number): string {
  return (String(amount).split('.')[1]?.length ?? 0) > 2 ? String(amount) : amount.toFixed(2)
}

function plain(value: unknown): string {
  return shorten(typeof value === 'string' ? value.replace(/\s+/g, ' ') : (JSON.stringify(value) ?? ''), 80)
}

function shown(value: unknown): string {
  return shorten(JSON.stringify(value) ?? '', VALUE)
}
