import type pg from 'pg'
import type { TaskState } from '../../contract/task.ts'
import type { Database } from '../../db/database.ts'
import type { Signals } from '../../db/signals.ts'
import { resumedRank } from '../../queue/rank.ts'
import { readApproval, type Approval } from './approvals.ts'
import { WAITED } from './approvalTimeouts.ts'
import { encodeUpdate, UPDATE_CHANNEL, WORK_CHANNEL } from '../follow/channels.ts'
import { retryOnConflict } from '../../db/retryOnConflict.ts'

/** A decision. Edited arguments have been checked against the tool's parameters. */
export type PersonsDecision = (
  | { state: 'approved'; editedArguments?: Record<string, unknown> | undefined }
  | { state: 'denied'; reason: string | undefined }
) & {
  /** The API key of the person who decides; undefined for a session opened with a printed link. */
  decidedBy: string | undefined
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
      set state = $2, edited_arguments = $3::json, reason = $4, decided_by = $5, decided_at = now(),
        event = (select last_event + 1 from bellwire.tasks where id = a.task_id)
      where a.id = $1 and a.state = 'waiting' and a.expires_at > now()`,
    [
      id,
      decision.state,
      decision.state === 'approved' && decision.editedArguments
        ? JSON.stringify(decision.editedArguments)
        : null,
      decision.state === 'denied' ? (decision.reason ?? null) : null,
      decision.decidedBy ?? null,
    ],
  )
  if (!decided) return { changed: false, resumed: false }
  const { rowCount: open } = await tx.query(
    `select 1 from bellwire.approvals where task_id = $1 and state = 'waiting' limit 1`,
    [taskId],
  )
  if (open) {
    await tx.query('update bellwire.tasks set last_event = last_event + 1 where id = $1', [taskId])
    return { changed: true, resumed: false }
  }
  await resume(tx, taskId)
  return { changed: true, resumed: true }
}

/**
 * Gives the task's row in the queue a rank; the task is STARTED again from here on. A missing row is created again.
 */
async function resume(tx: pg.PoolClient, taskId: string): Promise<void> {
  await tx.query(
    `with resumed as (
        update bellwire.tasks t
        set state = 'STARTED', waiting_since = null, waited_ms = ${WAITED}, last_event = t.last_event + 2
        where t.id = $1 returning t.*
      ), logged as (
        insert into bellwire.transitions (task_id, event, state, reason, attempt)
        select id, last_event, state, 'approval_decided', attempt from resumed
      )
      insert into bellwire.queue as q (task_id, agent_id, rank, due_at, why)
      select id, agent_id, ${resumedRank('r.interactive')}, now(), 'approval_decided' from resumed r
      on conflict (task_id) do update set rank = excluded.rank, due_at = excluded.due_at, why = excluded.why`,
    [taskId],
  )
}
