import type { Database } from '../../db/database.ts'
import type { Signals } from '../../db/signals.ts'
import { RELEASE_BATCH, releaseDeferred } from '../../tasks/budgets/defer.ts'
import { batchOf, type Chore } from '../chore.ts'

/** Releases tasks whose budget has room again: soon after it was raised, or the day has ended. */
export function releaseDeferredTasks(parts: { db: Database; signals: Signals }): Chore {
  return {
    name: 'release_deferred',
    everyMs: 1_000,
    run: async () => batchOf(await releaseDeferred(parts), RELEASE_BATCH),
  }
}
