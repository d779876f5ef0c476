import type pg from 'pg'
import type { DecidedVia } from '../../contract/approval.ts'
import type { TaskState } from '../../contract/task.ts'
import type { Database } from '../../db/database.ts'
import type { Signals } from '../../db/signals.ts'
import { readApproval, type Approval } from './approvals.ts'
import { endWait } from './resume.ts'
import { encodeUpdate, UPDATE_CHANNEL, WORK_CHANNEL } from '../follow/channels.ts'
import { retryOnConflict } from '../../db/retryOnConflict.ts'

/** A decision. Edited arguments have been checked against the tool's parameters. */
export type PersonsDecision = (
  | { state: 'approved'; editedArguments?: Record<string, unknown> | undefined }
  | { state: 'denied'; reason: string | undefined }
) & {
  /** The user or the API key that decides; undefined for a signed link, and for a session of a printed link. */
  decidedBy: { id: string; name: string } | undefined
  via: DecidedVia
}

/**
 * Decides a waiting call. The first decision counts; the last decision that a task waits for queues it again, in the
 * same transaction.
 *
 * @returns the approval afterwards, and whether this call decided it
 * @throws BellwireError `approval_not_found`
 */
export async function decideApproval(
  { db, signals }: { db: Database; signals: Signals },
  id: string,
  decision: PersonsDecision,
): Promise<{ approval: Approval; changed: boolean }> {
  const { task_id: taskId } = await readApproval(db, id)
  const { changed, resumed } = await retryOnConflict(() =>
    db.transaction((tx) => decide(tx, { id, taskId, decision })),
  )
  if (changed) signals.publish(UPDATE_CHANNEL, encodeUpdate({ id: taskId, type: 'changed' }))
  if (resumed) signals.publish(WORK_CHANNEL, '')
  return { approval: await readApproval(db, id), changed }
}

async function decide(
  tx: pg.PoolClient,
  { id, taskId, decision }: { id: string; taskId: string; decision: PersonsDecision },
): Promise<{ changed: boolean; resumed: boolean }> {
  const task = await tx.query<{ state: TaskState }>(
    'select state from bellwire.tasks where id = $1 for update',
    [taskId],
  )
  if (task.rows[0]?.state !== 'WAITING') return { changed: false, resumed: false }
  const { rowCount: decided } = await tx.query(
    `update bellwire.approvals a
      set state = $2, edited_arguments = $3::json, reason = $4, decided_by = $5, decided_via = $6,
        decided_by_name = $7, decided_at = now(),
        event = (select last_event + 1 from bellwire.tasks where id = a.task_id)
      where a.id = $1 and a.state = 'waiting' and a.expires_at > now() and a.callback_id is null`,
    [
      id,
      decision.state,
      decision.state === 'approved' && decision.editedArguments
        ? JSON.stringify(decision.editedArguments)
        : null,
      decision.state === 'denied' ? (decision.reason ?? null) : null,
      decision.decidedBy?.id ?? null,
      decision.via,
      decision.decidedBy?.name ?? null,
    ],
  )
  if (!decided) return { changed: false, resumed: false }
  return { changed: true, resumed: await endWait(tx, { taskId, events: 1, reason: 'approval_decided' }) }
}
