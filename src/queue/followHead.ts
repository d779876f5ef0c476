import type { Database } from '../db/database.ts'
import { repeat, type Repetition } from '../db/repeat.ts'
import type { FairRanks } from './fairRank.ts'
import { readHead } from './queue.ts'

/** How often the head of the queue is read. */
const READ_HEAD_MS = 250

/** One in this many reads starts at the beginning, for tasks inserted far behind the others. */
const WHOLE_EVERY = 40

/** Keeps the fair order of this process in step with the head of the queue. */
export function followHead(db: Database, ranks: FairRanks): Repetition {
  let head = 0
  let looks = 0
  return repeat(
    async () => {
      head = await readHead(db.pool, looks++ % WHOLE_EVERY === 0 ? 0 : head)
      ranks.update(head)
    },
    { everyMs: READ_HEAD_MS },
  )
}
