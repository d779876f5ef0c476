import type pg from 'pg'
import type { TaskState } from '../../contract/task.ts'
import type { Database } from '../../db/database.ts'
import { newId } from '../../db/id.ts'
import type { Signals } from '../../db/signals.ts'
import { BellwireError } from '../../errors.ts'
import type { RunQueue } from '../../queue/queue.ts'
import { readApproval, type Approval } from './approvals.ts'
import { WAITED } from './approvalTimeouts.ts'
import { encodeUpdate, UPDATE_CHANNEL, WORK_CHANNEL } from '../follow/channels.ts'
import { StaleRead, retryOnConflict } from '../../db/retryOnConflict.ts'

/** What a person says. Edited arguments have been checked against the parameters of the tool. */
export type PersonsDecision = (
  | { state: 'approved'; editedArguments?: Record<string, unknown> | undefined }
  | { state: 'denied'; reason: string | undefined }
) & {
  /** The API key of who decides; undefined for a session that a printed link opened. */
  decidedBy: string | undefined
}

/**
 * Decides about a call that waits. Whoever comes first decides; the last decision that a task waits for queues
 * it again, in the same transaction.
 *
 * @returns the approval after, and whether this call decided it
 * @throws BellwireError `approval_not_found`
 */
export async function decideApproval(
  { db, queue, signals }: { db: Database; queue: RunQueue; signals: Signals },
  id: string,
  decision: PersonsDecision,
): Promise<{ approval: Approval; changed: boolean }> {
  const { task_id: taskId } = await readApproval(db, id)
  const { changed, resumed } = await retryOnConflict(() =>
    db.transaction((tx) => decide(tx, queue, { id, taskId, decision })),
  )
  if (changed) signals.publish(UPDATE_CHANNEL, encodeUpdate({ id: taskId, type: 'changed' }))
  if (resumed) signals.publish(WORK_CHANNEL, '')
  return { approval: await readApproval(db, id), changed }
}

type Task = {
  state: TaskState
  job_id: string
  agent_id: string
  interactive: boolean
  rank: number
}

async function decide(
  tx: pg.PoolClient,
  queue: RunQueue,
  { id, taskId, decision }: { id: string; taskId: string; decision: PersonsDecision },
): Promise<{ changed: boolean; resumed: boolean }> {
  const task = await lockWaiting(tx, queue, taskId)
  if (!task) return { changed: false, resumed: false }
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
  await resume(tx, queue, taskId, task)
  return { changed: true, resumed: true }
}

/**
 * Takes the locks of a task that waits: its job before the task, as a claim does that ends the wait because the
 * time is up. Undefined when the task does not wait any more.
 */
async function lockWaiting(tx: pg.PoolClient, queue: RunQueue, taskId: string): Promise<Task | undefined> {
  const before = await tx.query<{ job_id: string }>('select job_id from bellwire.tasks where id = $1', [
    taskId,
  ])
  const jobId = before.rows[0]?.job_id
  if (jobId === undefined) throw new BellwireError('approval_not_found')
  await queue.lock(tx, jobId)
  const { rows } = await tx.query<Task>(
    'select state, job_id, agent_id, interactive, rank from bellwire.tasks where id = $1 for update',
    [taskId],
  )
  const task = rows[0]
  if (task?.state !== 'WAITING') return undefined
  if (task.job_id !== jobId) throw new StaleRead('the task has another job by now')
  return task
}

/** Queues the task again; it is STARTED from here on, as any task is that has been and will be run. */
async function resume(tx: pg.PoolClient, queue: RunQueue, taskId: string, task: Task): Promise<void> {
  const jobId = newId()
  await tx.query(
    `with resumed as (
        update bellwire.tasks t
        set state = 'STARTED', job_id = $2, waiting_since = null, waited_ms = ${WAITED}, last_event = t.last_event + 2
        where t.id = $1 returning t.*
      )
      insert into bellwire.transitions (task_id, event, state, reason, attempt)
      select id, last_event, state, 'approval_decided', attempt from resumed`,
    [taskId, jobId],
  )
  await queue.cancel(tx, [task.job_id])
  const { agent_id: agentId, interactive, rank } = task
  await queue.insert(tx, [{ id: jobId, taskId, agentId, interactive, rank }])
}
