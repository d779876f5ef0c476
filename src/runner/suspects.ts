import type { Database } from '../db/database.ts'
import { readSuspects } from '../tasks/recover.ts'
import type { Log } from '../telemetry/log.ts'

/** Maximum processes for suspects at the same time: each uses as much memory as a worker. */
const AT_ONCE = 2

/** Runs a task in a process of its own; resolves when that has ended, however it ended. */
export type StartAlone = (task: { taskId: string; parentId: number }) => Promise<void>

/** Starts a process for each task that waits to be run alone, a few at a time. */
export function createSuspects({
  db,
  workerId,
  startAlone,
  log,
}: {
  db: Database
  workerId: number
  startAlone: StartAlone
  log: Log
}): { look(): Promise<void> } {
  const running = new Set<string>()
  return {
    async look() {
      if (running.size >= AT_ONCE) return
      for (const taskId of await readSuspects(db, AT_ONCE)) {
        if (running.has(taskId) || running.size >= AT_ONCE) continue
        running.add(taskId)
        void startAlone({ taskId, parentId: workerId })
          .catch((error: unknown) =>
            log.error({ err: error, task_id: taskId }, 'a task could not be run alone'),
          )
          .finally(() => running.delete(taskId))
      }
    },
  }
}
