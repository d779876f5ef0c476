import { z } from 'zod'
import { withoutTrailing } from './withoutTrailing.ts'

/** An amount of US dollars as decimal text, exact to nine places, to avoid floating-point errors. */
export const Usd = z
  .string()
  .regex(/^\d+(\.\d{1,9})?$/)
  .meta({ description: 'US dollars as a decimal string, such as "0.00125"' })

const NANOS = 1_000_000_000

/** Formats billionths of a dollar for people and programs: `1250000` is `"0.00125"`. */
export function usdFromNanos(nanos: number): string {
  const whole = Math.floor(nanos / NANOS)
  const rest = String(nanos - whole * NANOS).padStart(9, '0')
  return tidyUsd(`${whole}.${rest}`)
}

/** Billionths of a dollar, a whole number. */
export function nanosFromUsd(usd: string): number {
  const [whole = '0', rest = ''] = usd.split('.')
  return Number(whole) * NANOS + Number(rest.slice(0, 9).padEnd(9, '0'))
}

/** The shortest form of a decimal text: `"1.500"` is `"1.5"`, `"2.000"` is `"2"`. */
export function tidyUsd(decimal: string): string {
  return decimal.includes('.') ? withoutTrailing(withoutTrailing(decimal, '0'), '.') : decimal
}
