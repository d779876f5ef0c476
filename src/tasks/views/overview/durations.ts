/** Durations are counted in bins, each 5 % wider than the one before: percentiles of any number of tasks, in parts. */
const BINS_PER_E = 20

/** SQL of the bin of a number of milliseconds. */
export function binOf(ms: string): string {
  return `floor(ln(greatest(${ms}, 1)) * ${BINS_PER_E})::int`
}

/** The middle of the bin that holds the percentile, in milliseconds; null without any. */
export function percentile(bins: ReadonlyMap<number, number>, share: number): number | null {
  const total = [...bins.values()].reduce((sum, count) => sum + count, 0)
  let left = Math.ceil(total * share)
  for (const [bin, count] of [...bins].toSorted(([a], [b]) => a - b)) {
    left -= count
    if (left <= 0) return Math.round(Math.exp((bin + 0.5) / BINS_PER_E))
  }
  return null
}
