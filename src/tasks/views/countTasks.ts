import type { TaskState } from '../../contract/task.ts'
import type { Database } from '../../db/database.ts'
import { readNow } from '../../db/readNow.ts'
import { countStatement, type Scanned } from './listStatement.ts'
import { resolveFilter } from './resolveFilter.ts'
import type { TaskFilter } from './taskFilter.ts'
import { createTaskReader } from './taskReader.ts'

const HOUR_MS = 3_600_000

/** The range counted when the filter has no beginning. */
const DEFAULT_MS = 24 * HOUR_MS

/** Longer ranges are counted by day. */
const HOURLY_MS = 7 * 24 * HOUR_MS

/** How long to count. */
const COUNT_MS = 3_000

/** Tasks that the first statement reads. */
const FIRST = 2_000

type StateCounts = Partial<Record<TaskState, number>>

export type TaskCounts = {
  since: Date
  until: Date
  by: 'hour' | 'day'
  states: StateCounts
  /** Failed tasks by error code, most frequent first. */
  errors: { code: string; count: number }[]
  /** Newest first; without those that have no tasks. */
  periods: { from: Date; states: StateCounts }[]
  /** Set when the time was up: tasks accepted before are not counted. */
  countedBackTo: Date | null
}

type Read = Scanned & { counts: { state: TaskState; at: number; code: string | null; count: number }[] }

/** Counts the tasks of a filter by state, the failed ones by error code, and all by hour or, in ranges of more than a week, by day (UTC). */
export async function countTasks(
  db: Database,
  wanted: TaskFilter,
  { timeMs = COUNT_MS, now }: { timeMs?: number; now?: Date } = {},
): Promise<TaskCounts> {
  const until = wanted.until ?? now ?? (await readNow(db.pool))
  const since = wanted.since ?? new Date(until.getTime() - DEFAULT_MS)
  const by = until.getTime() - since.getTime() > HOURLY_MS ? 'day' : 'hour'
  // Tasks that are accepted meanwhile are counted, too.
  const filter = { ...(await resolveFilter(db, wanted)), since }
  const begun = performance.now()
  const read = createTaskReader(db, FIRST)
  const states: StateCounts = {}
  const codes = new Map<string, number>()
  const periods = new Map<number, StateCounts>()

  const result = (countedBackTo: Date | null): TaskCounts => ({
    since,
    until,
    by,
    states,
    errors: [...codes]
      .map(([code, count]) => ({ code, count }))
      .toSorted((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1)),
    periods: [...periods]
      .toSorted(([a], [b]) => b - a)
      .map(([at, counted]) => ({ from: new Date(at * 1000), states: counted })),
    countedBackTo,
  })

  for (let cursor: string | undefined; ;) {
    const chunk = await read<Read>((scan) => countStatement({ ...filter, cursor, scan, by }))
    for (const { state, at, code, count } of chunk?.counts ?? []) {
      if (code !== null) codes.set(code, (codes.get(code) ?? 0) + count)
      const period = periods.get(at) ?? {}
      periods.set(at, period)
      for (const counted of [states, period]) counted[state] = (counted[state] ?? 0) + count
    }
    if (!chunk || chunk.isLast || chunk.last === null) return result(null)
    cursor = chunk.last
    if (performance.now() - begun >= timeMs) return result(chunk.last_created_at)
  }
}
