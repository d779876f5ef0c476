import type { Database } from '../../db/database.ts'
import { rollUpActivity } from '../../tasks/views/overview/rollUp.ts'
import { batchOf, type Chore } from '../chore.ts'

const BATCH = 16

/** Counts the tasks of half hours that are over, for the overview. */
export function countPastTasks(db: Database, { batch = BATCH } = {}): Chore {
  return {
    name: 'task_activity',
    everyMs: 60_000,
    run: async () => batchOf(await rollUpActivity(db, { batch }), batch),
  }
}
