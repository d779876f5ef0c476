const LARGE = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 })

/** A count: in full up to 9,999, then short, as "12.3K" or "1.2M". */
export function count(value: number): string {
  return value < 10_000 ? value.toLocaleString('en-GB') : LARGE.format(value)
}

/** A share of 1 as a percentage, never rounded up to 100. */
export function percent(share: number): string {
  const value = share * 100
  const digits = value > 99 && value < 100 ? 2 : 1
  const rounded = Math.min(value, value < 100 ? 99.99 : 100)
  return `${Number(rounded.toFixed(digits))}%`
}

/** US dollars, from a decimal text: "$12.30", and "$0.0042" for what would round to nothing. */
export function usd(amount: string): string {
  const value = Number(amount)
  if (value !== 0 && value < 0.01) return `$${value.toPrecision(2)}`
  return value.toLocaleString('en-US', { style: 'currency', currency: 'USD' })
}
