import { BANDS } from './rank.ts'

type Start = Partial<Record<keyof typeof BANDS, number>>

/** How often the start of scans is moved forward; new tasks may be placed a little before the last one claimed. */
const WINDOW_MS = 1_000

/** Every this many windows, a scan starts at the beginning: for rows inserted far behind the others. */
const WHOLE_EVERY = 3

/** A scan from the beginning may take one part in so many of the time: long ones pass over rows deleted long ago. */
const PART_OF_TIME = 50

/** At most so much later: a database that stood still once is not slow. */
const MAX_PAUSE_MS = 30_000

/**
 * Determines where a claim starts to scan each band: at the lowest rank found in the last whole second. Without it each
 * claim would pass over every row deleted while an old transaction is open.
 */
export type ScanStart = {
  /** @param isGeneral the scan excludes nothing on purpose: only such a scan counts as one from the beginning */
  next(isGeneral: boolean): Start
  /** Records the ranks found by a scan that excluded nothing. */
  found(ranks: number[]): void
  /** Records how long a scan took that started at the beginning, in milliseconds. */
  took(ms: number): void
  /** Excluded rows may be claimed now: the next scan starts at the beginning, unless that takes too much of the time. */
  reset(): void
}

export function createScanStart(now: () => number = () => performance.now()): ScanStart {
  const bands = Object.entries(BANDS) as [keyof typeof BANDS, { start: number; end: number }][]
  let start: Start = {}
  let seen: Start = {}
  let windowEnd = now() + WINDOW_MS
  let windows = 0
  let whole = true
  /** When a scan may start at the beginning again. */
  let wholeFrom = now()

  return {
    next(isGeneral) {
      if (now() >= windowEnd) {
        windowEnd = now() + WINDOW_MS
        start = { ...start, ...seen }
        seen = {}
        windows += 1
        if (windows % WHOLE_EVERY === 0) whole = true
      }
      if (!whole || !isGeneral || now() < wholeFrom) return start
      whole = false
      return {}
    },
    found(ranks) {
      for (const [band, { start: first, end }] of bands) {
        const lowest = ranks.find((rank) => rank >= first && rank < end)
        if (lowest !== undefined) seen[band] = Math.min(lowest, seen[band] ?? Infinity)
      }
    },
    took(ms) {
      wholeFrom = now() + Math.min(PART_OF_TIME * ms, MAX_PAUSE_MS)
    },
    reset() {
      whole = true
    },
  }
}
