import type { Database } from '../../db/database.ts'
import type { Signals } from '../../db/signals.ts'
import { SWEEP_BATCH, sweep } from '../../tasks/recover.ts'
import type { Log } from '../../telemetry/log.ts'
import { batchOf, type Chore } from '../chore.ts'

/** Queues tasks that would otherwise never run. */
export function sweepTasks(parts: { db: Database; signals: Signals; log: Log }): Chore {
  return {
    name: 'sweep',
    everyMs: 60_000,
    async run() {
      const found = await sweep(parts)
      if (found > 0) parts.log.warn({ tasks: found }, 'tasks missing from the queue were queued again')
      return batchOf(found, SWEEP_BATCH)
    },
  }
}
