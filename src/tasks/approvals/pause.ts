import type { Database } from '../../db/database.ts'
import { newId } from '../../db/id.ts'
import type { Signals } from '../../db/signals.ts'
import type { RunQueue } from '../../queue/queue.ts'
import { encodeUpdate, UPDATE_CHANNEL } from '../follow/channels.ts'
import type { ClaimedTask } from '../claim.ts'

/** Calls that people have to decide about before the run can go on, and how long they have. */
export type Pause = {
  requests: {
    /** Names the call in the journal. */
    key: string
    tool: string
    access: 'read' | 'write'
    step: number
    arguments: unknown
    /** The JSON Schema that edited arguments must fit. */
    parameters: Record<string, unknown>
  }[]
  timeoutSeconds: number
}

/**
 * Puts a task to WAITING: the approvals, the state, the end of its job and the job that ends the wait when
 * nobody decides are one transaction. From then on nobody holds the task.
 *
 * @returns false when the worker does not hold it any more
 */
export async function pauseTask(
  { db, queue, signals }: { db: Database; queue: RunQueue; signals: Signals },
  task: ClaimedTask,
  { requests, timeoutSeconds }: Pause,
): Promise<boolean> {
  const jobId = newId()
  const done = await db.transaction(async (tx) => {
    const { rows } = await tx.query<{ rank: number }>(
      `with paused as (
          update bellwire.tasks t
          set state = 'WAITING', worker_id = null, job_id = $4, waiting_since = now(), crashes = 0,
            last_event = t.last_event + 1 + cardinality($6::uuid[])
          where t.id = $1 and t.attempt = $2 and t.worker_id = $3 and t.state = 'STARTED'
          returning t.*, t.last_event - cardinality($6::uuid[]) as first_event
        ), logged as (
          insert into bellwire.transitions (task_id, event, state, reason, attempt, worker_id)
          select id, first_event, state, 'approval_requested', attempt, $3 from paused
        ), asked as (
          insert into bellwire.approvals
            (id, task_id, agent_id, event, key, tool, access, step, arguments, parameters, expires_at)
          select i.id, p.id, p.agent_id, p.first_event + i.n, i.key, i.tool, i.access, i.step, i.arguments::json,
            i.parameters::json, now() + make_interval(secs => $5)
          from paused p, unnest($6::uuid[], $7::text[], $8::text[], $9::text[], $10::int[], $11::text[], $12::text[])
            with ordinality as i(id, key, tool, access, step, arguments, parameters, n)
        )
        select rank from paused`,
      [
        task.taskId,
        task.attempt,
        task.workerId,
        jobId,
        timeoutSeconds,
        // Lists go by id: in the order of the calls.
        requests.map(() => newId()).toSorted(),
        requests.map((request) => request.key),
        requests.map((request) => request.tool),
        requests.map((request) => request.access),
        requests.map((request) => request.step),
        requests.map((request) => JSON.stringify(request.arguments ?? null)),
        requests.map((request) => JSON.stringify(request.parameters)),
      ],
    )
    const row = rows[0]
    if (!row) return false
    await queue.settle(tx, [{ id: task.jobId, retryCount: 0 }])
    const delayMs = Math.ceil(timeoutSeconds * 1000)
    await queue.insert(tx, [{ ...task, id: jobId, rank: row.rank, delayMs, endsWait: true }])
    return true
  })
  if (done) signals.publish(UPDATE_CHANNEL, encodeUpdate({ id: task.taskId, type: 'changed' }))
  return done
}
