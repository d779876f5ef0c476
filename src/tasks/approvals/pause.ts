import type { ApprovalRequest } from '../../contract/decision.ts'
import type { Database } from '../../db/database.ts'
import { newId } from '../../db/id.ts'
import type { Signals } from '../../db/signals.ts'
import { encodeUpdate, UPDATE_CHANNEL } from '../follow/channels.ts'
import type { Lease } from '../claim.ts'

/** Calls that need a decision before the run can continue, and how long they may wait. */
export type Pause = {
  requests: ApprovalRequest[]
  timeoutSeconds: number
}

/**
 * Sets a task to WAITING: the approvals, the state, and the row in the queue that ends the wait if nobody decides are
 * one statement. From then on no worker holds the task.
 *
 * @returns false when the worker no longer holds it
 */
export async function pauseTask(
  { db, signals }: { db: Database; signals: Signals },
  { taskId, attempt, workerId }: Lease,
  { requests, timeoutSeconds }: Pause,
): Promise<boolean> {
  const { rowCount } = await db.pool.query({
    name: 'tasks_pause',
    text: `with paused as (
        update bellwire.tasks t
        set state = 'WAITING', worker_id = null, waiting_since = now(), crashes = 0,
          last_event = t.last_event + 1 + cardinality($5::uuid[])
        where t.id = $1 and t.attempt = $2 and t.worker_id = $3 and t.state = 'STARTED'
        returning t.*, t.last_event - cardinality($5::uuid[]) as first_event
      ), logged as (
        insert into bellwire.transitions (task_id, event, state, reason, attempt, worker_id)
        select id, first_event, state, 'approval_requested', attempt, $3 from paused
      ), requested as (
        insert into bellwire.approvals
          (id, task_id, agent_id, event, key, tool, access, step, arguments, parameters, question, expires_at)
        select i.id, p.id, p.agent_id, p.first_event + i.n, i.key, i.tool, i.access, i.step, i.arguments::json,
          i.parameters::json, i.question, now() + make_interval(secs => $4)
        from paused p, unnest($5::uuid[], $6::text[], $7::text[], $8::text[], $9::int[], $10::text[], $11::text[],
            $12::text[])
          with ordinality as i(id, key, tool, access, step, arguments, parameters, question, n)
      )
      insert into bellwire.queue (task_id, agent_id, rank, due_at, why)
      select id, agent_id, null, now() + make_interval(secs => $4), 'approval_expires' from paused`,
    values: [
      taskId,
      attempt,
      workerId,
      timeoutSeconds,
      // Lists are ordered by id: in the order of the calls.
      requests.map(() => newId()).toSorted(),
      requests.map((request) => request.key),
      requests.map((request) => request.tool),
      requests.map((request) => request.access),
      requests.map((request) => request.step),
      requests.map((request) => JSON.stringify(request.arguments ?? null)),
      requests.map((request) => JSON.stringify(request.parameters)),
      requests.map((request) => request.question ?? null),
    ],
  })
  const done = (rowCount ?? 0) > 0
  if (done) signals.publish(UPDATE_CHANNEL, encodeUpdate({ id: taskId, type: 'changed' }))
  return done
}
