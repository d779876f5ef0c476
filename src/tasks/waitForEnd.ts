import type { Database } from '../db/database.ts'
import type { NewsDesk } from './news.ts'
import { readStatus, type TaskStatus } from './queries.ts'

/**
 * Reads where a task stands, and waits up to `ms` milliseconds for its end if it has not ended. Undefined when
 * there is no such task.
 */
export async function waitForEnd(
  { db, news }: { db: Database; news: NewsDesk },
  taskId: string,
  ms: number,
  signal?: AbortSignal,
): Promise<TaskStatus | undefined> {
  if (ms <= 0) return readStatus(db, taskId)
  // Listen first, then look: an end between the two is not missed.
  const stop = new AbortController()
  const ended = news.ended(taskId, ms, signal ? AbortSignal.any([signal, stop.signal]) : stop.signal)
  try {
    const status = await readStatus(db, taskId)
    if (!status || hasEnded(status)) return status
    await ended
    return await readStatus(db, taskId)
  } finally {
    stop.abort()
  }
}

export function hasEnded({ state }: Pick<TaskStatus, 'state'>): boolean {
  return state === 'SUCCESS' || state === 'FAILURE' || state === 'CANCELLED'
}
