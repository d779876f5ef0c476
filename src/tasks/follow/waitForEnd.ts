import type { TaskFeed } from './taskFeed.ts'
import type { TaskStatus, TaskStatuses } from '../views/statuses.ts'

/**
 * Reads the status of a task, and waits up to `ms` milliseconds for its end if it has not ended. Undefined when there
 * is no such task.
 */
export async function waitForEnd(
  { statuses, taskFeed }: { statuses: TaskStatuses; taskFeed: TaskFeed },
  taskId: string,
  ms: number,
  signal?: AbortSignal,
): Promise<TaskStatus | undefined> {
  if (ms <= 0) return statuses.read(taskId)
  // Listen first, then read: an end between the two is not missed.
  const stop = new AbortController()
  const ended = taskFeed.ended(taskId, ms, signal ? AbortSignal.any([signal, stop.signal]) : stop.signal)
  try {
    const status = await statuses.read(taskId)
    if (!status || hasEnded(status)) return status
    await ended
    return await statuses.read(taskId)
  } finally {
    stop.abort()
  }
}

export function hasEnded({ state }: Pick<TaskStatus, 'state'>): boolean {
  return state === 'SUCCESS' || state === 'FAILURE' || state === 'CANCELLED'
}
