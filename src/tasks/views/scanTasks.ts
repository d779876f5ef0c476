import type { Database } from '../../db/database.ts'
import { isNarrow, listStatement, type Scanned } from './listStatement.ts'
import { resolveFilter } from './resolveFilter.ts'
import type { TaskFilter } from './taskFilter.ts'
import { createTaskReader } from './taskReader.ts'

/** Tasks that the first statement of a search reads at least. */
const FIRST = 100

/** Tasks found, newest first. */
export type Found = {
  ids: string[]
  /** All tasks that are newer than this id, and older than the cursor, were searched; undefined: there are no more. */
  next: string | undefined
  /** When the time was up: the acceptance of the oldest task that was searched. */
  searchedBackTo: Date | undefined
}

type Read = Scanned & { found: string[] }

/**
 * Finds tasks, newest first, with bounded work: what no index can answer is checked task by task, backwards in time.
 * When the time is up, the search ends where it is.
 *
 * @param limit maximum number of tasks
 * @param timeMs how long to search. At least one statement is completed
 */
export async function scanTasks(
  db: Database,
  wanted: TaskFilter,
  { cursor, limit, timeMs }: { cursor?: string | undefined; limit: number; timeMs: number },
): Promise<Found> {
  const filter = await resolveFilter(db, wanted)
  if (isNarrow(filter)) return readPage(db, filter, { cursor, limit })
  const begun = performance.now()
  const read = createTaskReader(db, Math.max(FIRST, limit))
  const ids: string[] = []
  for (let from = cursor; ;) {
    const left = limit - ids.length
    const chunk = await read<Read>((scan) => listStatement({ ...filter, cursor: from, scan, limit: left }))
    ids.push(...(chunk?.found ?? []))
    if (ids.length >= limit) return { ids, next: ids.at(-1), searchedBackTo: undefined }
    if (!chunk || chunk.isLast || chunk.last === null)
      return { ids, next: undefined, searchedBackTo: undefined }
    from = chunk.last
    if (performance.now() - begun >= timeMs) {
      return { ids, next: from, searchedBackTo: chunk.last_created_at ?? undefined }
    }
  }
}

/** Tasks that an index finds: no more than these are read. */
async function readPage(
  db: Database,
  filter: TaskFilter,
  { cursor, limit }: { cursor: string | undefined; limit: number },
): Promise<Found> {
  const statement = listStatement({ ...filter, cursor, scan: limit, limit })
  const ids = statement ? ((await db.pool.query<Read>(statement)).rows[0]?.found ?? []) : []
  return { ids, next: ids.length < limit ? undefined : ids.at(-1), searchedBackTo: undefined }
}
