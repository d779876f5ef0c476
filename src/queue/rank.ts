/**
 * Ranks are 64-bit integers, the lowest comes first. They lie in three bands, one after the other, and only grow
 * within each, so that a scan may start where the last one found something:
 *
 * 1. work that somebody waits for;
 * 2. runs that have begun and go on (a retry, a decision, a hand-back), by the time at which they came back;
 * 3. tasks that have not begun, in the fair order of fairRank.ts.
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

/** The rank of a task that has not begun. `place`: its place in the fair order, from 0. */
export function freshRank({ interactive, place }: { interactive: boolean; place: number }): number {
  return interactive ? INTERACTIVE + place : place
}

/** SQL of the rank of a run that goes on from now. `interactive`: SQL that says whether somebody waits for it. */
export function resumedRank(interactive: string): string {
  return `(case when ${interactive} then ${INTERACTIVE} else 0 end + ${RESUMED}
    + floor(extract(epoch from clock_timestamp()) * 1000))::bigint`
}

/** SQL of the rank of a task that has not begun, as {@link freshRank}. */
export function freshRankSql(interactive: string, place: string): string {
  return `(case when ${interactive} then ${INTERACTIVE} else 0 end + ${place})::bigint`
}
