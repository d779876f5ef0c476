import { BANDS } from './rank.ts'

type Start = Partial<Record<keyof typeof BANDS, number>>

/** Where scans start is moved on so often; newcomers may be placed a little before what was claimed last. */
const WINDOW_MS = 1_000

/** How often a scan starts at the beginning, in windows: for rows that came in far behind the others. */
const WHOLE_EVERY = 3

/**
 * Says where a claim starts to scan each band: at the lowest rank that was found in the last whole second. Without
 * it each claim would pass over every row that was deleted while an old transaction is open.
 */
export type ScanStart = {
  /** @param isGeneral the scan leaves nothing out on purpose: only such a one uses up a look from the beginning */
  next(isGeneral: boolean): Start
  /** Notes the ranks that a scan has found, when nothing was left out of it. */
  found(ranks: number[]): void
  /** Something was left out before and may be taken now: the next scan starts at the beginning. */
  reset(): void
}

export function createScanStart(now: () => number = () => performance.now()): ScanStart {
  const bands = Object.entries(BANDS) as [keyof typeof BANDS, { start: number; end: number }][]
  let start: Start = {}
  let seen: Start = {}
  let windowEnd = now() + WINDOW_MS
  let windows = 0
  let whole = true

  return {
    next(isGeneral) {
      if (now() >= windowEnd) {
        windowEnd = now() + WINDOW_MS
        start = { ...start, ...seen }
        seen = {}
        windows += 1
        if (windows % WHOLE_EVERY === 0) whole = true
      }
      if (!whole || !isGeneral) return start
      whole = false
      return {}
    },
    found(ranks) {
      for (const [band, { start: first, end }] of bands) {
        const lowest = ranks.find((rank) => rank >= first && rank < end)
        if (lowest !== undefined) seen[band] = Math.min(lowest, seen[band] ?? Infinity)
      }
    },
    reset() {
      whole = true
    },
  }
}
