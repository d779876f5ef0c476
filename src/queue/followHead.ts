import type { Database } from '../db/database.ts'
import type { FairRanks } from './fairRank.ts'
import { readHead } from './queue.ts'

/** How often the head of the queue is read. */
const READ_HEAD_MS = 250

/** Every so many looks starts at the beginning, for tasks that came in far behind the others. */
const WHOLE_EVERY = 40

/** Keeps the fair order of this process at the head of the queue, until the returned function is called. */
export function followHead(db: Database, ranks: FairRanks): () => void {
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let head = 0
  let looks = 0

  async function look(): Promise<void> {
    try {
      head = await readHead(db.pool, looks++ % WHOLE_EVERY === 0 ? 0 : head)
      ranks.update(head)
    } catch {
      // The database is away: the next look finds out.
    }
    if (!stopped) timer = setTimeout(() => void look(), READ_HEAD_MS)
  }
  void look()
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}
