import type { Database } from '../../db/database.ts'
import { REJECTION_LIMITS, trimRejections } from '../../ingress/rejections/trim.ts'
import { batchOf, type Chore } from '../chore.ts'

const BATCH = 1_000

/** Deletes rejections that are too old, and the oldest of those that are too many or take too much. */
export function forgetRejections(db: Database, limits = REJECTION_LIMITS): Chore {
  return {
    name: 'rejections',
    everyMs: 30_000,
    run: async () => batchOf(await trimRejections(db, limits, BATCH), BATCH),
  }
}
