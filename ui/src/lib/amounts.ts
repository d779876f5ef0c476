/** An amount of US dollars: "$12.40", "$0.0021"; small ones with two significant digits. */
export function usd(amount: string | number): string {
  const value = Number(amount)
  if (value === 0) return '$0'
  if (Math.abs(value) < 0.01) return `$${trimZeros(value.toFixed(decimalsOf(value)))}`
  return `$${value.toLocaleString('en-GB', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`
}

/** A count as people read it: "950", "12.3k", "4.1M". */
export function compact(count: number): string {
  if (count < 1_000) return String(count)
  const [unit, name] = count < 999_950 ? [1_000, 'k'] : [1_000_000, 'M']
  const scaled = count / unit
  return `${trimZeros(scaled.toFixed(scaled < 99.95 ? 1 : 0))}${name}`
}

/** A count with its noun: "1 task", "1,200 tasks". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-GB')} ${count === 1 ? one : many}`
}

/** Decimals for two significant digits; at most twelve. */
function decimalsOf(value: number): number {
  return Math.min(12, 1 - Math.floor(Math.log10(Math.abs(value))))
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}
