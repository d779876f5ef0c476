/** An interval in epoch milliseconds. */
export type Interval = { from: number; to: number }

/** Where a time is on the axis, from 0 to 1. */
export type TimeAxis = {
  at: (time: number) => number
  /** Milliseconds of the intervals, without the gaps between them. */
  activeMs: number
}

/** The share of the axis that a long gap takes. */
const GAP_SHARE = 0.04

/**
 * An axis on which intervals take space in proportion to their length. Gaps are shortened, so that a minute of work is
 * readable next to a pause of three days.
 *
 * @param intervals in order, not overlapping
 */
export function createTimeAxis(intervals: readonly Interval[]): TimeAxis {
  const activeMs = intervals.reduce((sum, { from, to }) => sum + Math.max(0, to - from), 0)
  const unit = Math.max(1, activeMs)
  /** Ends of segments: the time, and the position on the axis. */
  const points: { time: number; at: number }[] = []
  let at = 0
  for (const [index, { from, to }] of intervals.entries()) {
    const before = intervals[index - 1]
    if (before) at += Math.min(Math.max(0, from - before.to), unit * GAP_SHARE)
    points.push({ time: from, at })
    at += Math.max(0, to - from)
    points.push({ time: to, at })
  }
  const length = Math.max(1, at)
  return {
    activeMs,
    at(time) {
      const index = points.findIndex((point) => point.time >= time)
      const after = points[index]
      if (!after) return points.length === 0 ? 0 : at / length
      const before = points[index - 1]
      if (!before) return after.at / length
      const share = after.time === before.time ? 1 : (time - before.time) / (after.time - before.time)
      return (before.at + share * (after.at - before.at)) / length
    },
  }
}
