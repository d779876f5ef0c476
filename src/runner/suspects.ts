import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from '../db/database.ts'
import type { Signals } from '../db/signals.ts'
import { readSuspects, takeOverAlone } from '../tasks/recover.ts'
import type { Log } from '../telemetry/log.ts'

/** Maximum processes for suspects at the same time: each uses as much memory as a worker. */
const AT_ONCE = 2

/** What kills this process as well, such as the kernel or an operator, has done so by then. */
const OUTLIVED_AFTER_MS = 1_000

/**
 * Runs a task in a process of its own.
 *
 * @returns when that process has ended; `died`: of the task, as far as can be seen from outside
 */
export type StartAlone = (task: { taskId: string; parentId: number }) => Promise<{ died: boolean }>

/** Starts a process for each task that waits to be run alone, a few at a time. */
export function createSuspects({
  db,
  signals,
  workerId,
  startAlone,
  log,
}: {
  db: Database
  signals: Signals
  workerId: number
  startAlone: StartAlone
  log: Log
}): { look(): Promise<void> } {
  const running = new Map<string, { exclusive: boolean }>()
  return {
    async look() {
      if (running.size >= AT_ONCE) return
      for (const { taskId, exclusive } of await readSuspects(db, AT_ONCE)) {
        if (running.has(taskId) || running.size >= AT_ONCE) continue
        // Nothing else is started in the meantime, or its turn would never come.
        if (running.size > 0 && (exclusive || [...running.values()].some((one) => one.exclusive))) return
        running.set(taskId, { exclusive })
        void runOne(taskId)
          .catch((error: unknown) =>
            log.error({ err: error, task_id: taskId }, 'a task could not be run alone'),
          )
          .finally(() => running.delete(taskId))
      }
    },
  }

  async function runOne(taskId: string): Promise<void> {
    const { died } = await startAlone({ taskId, parentId: workerId })
    if (died) await delay(OUTLIVED_AFTER_MS)
    const held = await takeOverAlone({ db, signals }, { taskId, parentId: workerId, blamed: died })
    if (held && died) {
      log.error({ task_id: taskId }, 'this task failed: it crashed the process that ran it alone')
    }
  }
}
