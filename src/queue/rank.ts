/**
 * Ranks are 64-bit integers, the lowest comes first. They are in three consecutive bands, and only grow within each, so
 * that a scan may start where the last one found something:
 *
 * 1. interactive tasks, whose caller waits;
 * 2. runs that continue (a retry, a decision, a hand-back), by the time at which they were queued again;
 * 3. tasks that have not started, in the fair order of fairRank.ts.
 */
const INTERACTIVE = -(2 ** 50)
const RESUMED = -(2 ** 45)

/** A band of ranks: from `start`, up to and without `end`. */
export type Band = { start: number; end: number }

export const BANDS = {
  interactive: { start: 2 * INTERACTIVE, end: 2 * RESUMED },
  resumed: { start: 2 * RESUMED, end: 0 },
  fresh: { start: 0, end: 2 ** 53 },
} satisfies Record<string, Band>

/** The rank of a task that has not started. `place`: its place in the fair order, from 0. */
export function freshRank({ interactive, place }: { interactive: boolean; place: number }): number {
  return interactive ? INTERACTIVE + place : place
}

/** SQL of the rank of a run that continues now. `interactive`: SQL that says whether a caller waits for it. */
export function resumedRank(interactive: string): string {
  return `(case when ${interactive} then ${INTERACTIVE} else 0 end + ${RESUMED}
    + floor(extract(epoch from clock_timestamp()) * 1000))::bigint`
}

/** SQL of the rank of a task that has not started, as {@link freshRank}. */
export function freshRankSql(interactive: string, place: string): string {
  return `(case when ${interactive} then ${INTERACTIVE} else 0 end + ${place})::bigint`
}
