import { call } from '../../api/client.ts'
import { hasEnded } from '../../api/queries.ts'
import type { ReplayAnswer, TaskSummary } from '../../api/types.ts'

/** An action on many tasks. */
export type BulkAction = { kind: 'replay'; revision: 'same' | 'latest' } | { kind: 'cancel' }

/** Concurrent requests. */
const AT_ONCE = 4

/** The selected tasks that an action applies to, and how many it does not apply to, by reason. */
export type Choice = { tasks: TaskSummary[]; leftOut: { reason: string; count: number }[] }

/** Which of the selected tasks an action applies to. */
export function chooseFor(kind: BulkAction['kind'], chosen: readonly TaskSummary[]): Choice {
  const reasonOf = (task: TaskSummary): string | undefined => {
    if (kind === 'cancel') return hasEnded(task.state) ? 'already ended' : undefined
    if (!hasEnded(task.state)) return 'not ended yet'
    return task.replayed ? 'already replayed' : undefined
  }
  const counts = new Map<string, number>()
  const tasks = chosen.filter((task) => {
    const reason = reasonOf(task)
    if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1)
    return reason === undefined
  })
  return { tasks, leftOut: [...counts].map(([reason, count]) => ({ reason, count })) }
}

export type Failed = { task: TaskSummary; message: string }
export type BulkProgress = { done: number; failed: Failed[] }

/**
 * Applies the action to each task, some at a time. One that fails does not stop the others.
 *
 * @param signal ends it early: requests in progress are completed
 */
export async function runBulk(
  action: BulkAction,
  tasks: readonly TaskSummary[],
  { signal, onProgress }: { signal: AbortSignal; onProgress: (progress: BulkProgress) => void },
): Promise<BulkProgress> {
  const operation = crypto.getRandomValues(new Uint32Array(4)).join('-')
  const progress: BulkProgress = { done: 0, failed: [] }
  const waiting = tasks.values()
  const work = async (): Promise<void> => {
    for (const task of waiting) {
      if (signal.aborted) return
      try {
        await act(action, task, operation)
        progress.done += 1
      } catch (error) {
        progress.failed.push({ task, message: error instanceof Error ? error.message : String(error) })
      }
      onProgress({ ...progress })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return progress
}

/** @throws ApiError */
async function act(action: BulkAction, { id }: TaskSummary, operation: string): Promise<void> {
  if (action.kind === 'cancel') {
    await call('POST', `api/tasks/${id}/cancel`)
    return
  }
  await call<ReplayAnswer>('POST', `api/tasks/${id}/replay`, {
    body: { revision: action.revision },
    headers: { 'idempotency-key': operation },
  })
}
