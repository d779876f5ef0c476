import type { Database } from '../../db/database.ts'
import { BellwireError } from '../../errors.ts'
import { readRejection, type KeptRejection } from './queries.ts'

/**
 * Takes the request of a rejection in again, past the check that refused it, and gives the task that it made; the
 * same one however often it is called for one rejection.
 */
export type Readmit = (rejection: KeptRejection) => Promise<string>

/**
 * Makes a task of a rejected request, because an operator says so. Twice gives the same task.
 *
 * @throws BellwireError `rejection_not_found`; `conflict` when too little of the request was kept; whatever taking
 *   it in throws
 */
export type AcceptRejection = (id: string) => Promise<{ taskId: string }>

export function createAcceptRejection({ db, readmit }: { db: Database; readmit: Readmit }): AcceptRejection {
  return async (id) => {
    const rejection = await readRejection(db, id)
    if (rejection.accepted_task_id !== null) return { taskId: rejection.accepted_task_id }
    if (!rejection.body_complete) throw tooLarge(rejection)
    const made = await readmit(rejection)
    const { rows } = await db.pool.query<{ task_id: string }>(
      `update bellwire.rejections
        set accepted_task_id = coalesce(accepted_task_id, $2), accepted_at = coalesce(accepted_at, now())
        where id = $1 returning accepted_task_id as task_id`,
      [id, made],
    )
    return { taskId: rows[0]?.task_id ?? made }
  }
}

function tooLarge({ size, body, detail }: KeptRejection): BellwireError {
  if (body.length === 0) {
    const why = detail === null ? '' : ` ${detail}`
    return new BellwireError('conflict', `The body of this request was not kept.${why}`)
  }
  return new BellwireError(
    'conflict',
    `Only the first ${body.length} of ${size} bytes of this request were kept. Ask the sender to send it again.`,
  )
}
