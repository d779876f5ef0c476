import type { RunError, RunResult, Usage } from '../contract/task.ts'
import type { Database } from '../db/database.ts'
import { createBatches } from '../db/batches.ts'
import { isOfOne } from '../db/errorKind.ts'
import type { Signals } from '../db/signals.ts'
import { CUT_OFF_RANK } from '../queue/fairRank.ts'
import type { RunQueue } from '../queue/queue.ts'
import { encodeUpdate, UPDATE_CHANNEL, WORK_CHANNEL } from './follow/channels.ts'
import type { ClaimedTask } from './claim.ts'
import { newId } from '../db/id.ts'
import { pauseTask, type Pause } from './approvals/pause.ts'

/** How a run ended for good. */
export type Ending =
  | { state: 'SUCCESS'; result: RunResult; usage: Usage }
  | { state: 'FAILURE'; error: RunError; usage: Usage | undefined }

/** Why a task goes back into the queue: `retry` counts as a failed run, `handed_back` does not. */
export type Requeue = { reason: 'retry'; error: RunError; delayMs: number } | { reason: 'handed_back' }

export type Settler = {
  /** Ends a task, together with others that end at the same time. False when the worker does not hold it any more. */
  end(task: ClaimedTask, ending: Ending): Promise<boolean>
  /** Puts a task into the queue again. False when the worker does not hold it any more. */
  requeue(task: ClaimedTask, requeue: Requeue): Promise<boolean>
  /** Lets a task wait for people. False when the worker does not hold it any more. */
  pause(task: ClaimedTask, pause: Pause): Promise<boolean>
}

type Item = { task: ClaimedTask; state: Ending['state']; result?: string; error?: string; usage?: string }

/** Writes what became of runs. Each write is conditional on the lease: a worker that has lost it changes nothing. */
export function createSettler({
  db,
  queue,
  signals,
}: {
  db: Database
  queue: RunQueue
  signals: Signals
}): Settler {
  const groups = createBatches<Item, boolean>({ handle: writeEndings, maxItems: 256, inFlight: 2, isOfOne })

  async function writeEndings(items: Item[]): Promise<boolean[]> {
    const sorted = items.toSorted((a, b) => (a.task.taskId < b.task.taskId ? -1 : 1))
    const ended = await db.transaction(async (tx) => {
      const { rows } = await tx.query<{ task_id: string }>({
        name: 'tasks_end',
        text: `with input as (
            select * from unnest($1::uuid[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[])
              as i(id, attempt, worker_id, state, result, error, usage)
          ), ended as (
            update bellwire.tasks t
            set state = i.state::bellwire.task_state, result = i.result::json, error = i.error::json, usage = i.usage::json,
              worker_id = null, finished_at = now(), last_event = t.last_event + 1,
              failures = t.failures + case i.state when 'FAILURE' then 1 else 0 end
            from input i
            where t.id = i.id and t.attempt = i.attempt and t.worker_id = i.worker_id and t.state = 'STARTED'
            returning t.id, t.last_event, t.state, t.attempt, i.worker_id, t.error
          )
          insert into bellwire.transitions (task_id, event, state, reason, attempt, worker_id, error)
          select id, last_event, state, case state when 'SUCCESS' then 'succeeded' else 'failed' end, attempt, worker_id, error
          from ended
          returning task_id`,
        values: [
          sorted.map(({ task }) => task.taskId),
          sorted.map(({ task }) => task.attempt),
          sorted.map(({ task }) => task.workerId),
          sorted.map(({ state }) => state),
          sorted.map(({ result }) => result ?? null),
          sorted.map(({ error }) => error ?? null),
          sorted.map(({ usage }) => usage ?? null),
        ],
      })
      const ids = new Set(rows.map((row) => row.task_id))
      await queue.settle(
        tx,
        items
          .filter(({ task }) => ids.has(task.taskId))
          .map(({ task }) => ({ id: task.jobId, retryCount: 0 })),
      )
      return ids
    })
    for (const id of ended) signals.publish(UPDATE_CHANNEL, encodeUpdate({ id, type: 'ended' }))
    return items.map(({ task }) => ended.has(task.taskId))
  }

  return {
    end: async (task, ending) => groups.add(itemOf(task, ending)),
    pause: (task, pause) => pauseTask({ db, queue, signals }, task, pause),

    async requeue(task, requeue) {
      const jobId = newId()
      const delayMs = requeue.reason === 'retry' ? requeue.delayMs : 0
      const error = requeue.reason === 'retry' ? JSON.stringify(requeue.error) : null
      const done = await db.transaction(async (tx) => {
        const { rows } = await tx.query<{ rank: number }>(
          `with queued as (
              update bellwire.tasks t
              set worker_id = null, job_id = $4, failures = t.failures + $5, last_event = t.last_event + 1,
                rank = coalesce($9, t.rank)
              where t.id = $1 and t.attempt = $2 and t.worker_id = $3 and t.state = 'STARTED'
              returning *
            ), logged as (
              insert into bellwire.transitions (task_id, event, state, reason, attempt, worker_id, error, due_at)
              select id, last_event, state, $6, attempt, $3, $7::json, now() + make_interval(secs => $8::float8 / 1000) from queued
            )
            select rank from queued`,
          [
            task.taskId,
            task.attempt,
            task.workerId,
            jobId,
            requeue.reason === 'retry' ? 1 : 0,
            requeue.reason,
            error,
            delayMs,
            requeue.reason === 'handed_back' ? CUT_OFF_RANK : null,
          ],
        )
        const row = rows[0]
        if (!row) return false
        await queue.settle(tx, [{ id: task.jobId, retryCount: 0 }])
        await queue.insert(tx, [{ ...task, id: jobId, rank: row.rank, delayMs }])
        return true
      })
      if (done && delayMs === 0) signals.publish(WORK_CHANNEL, '')
      return done
    },
  }
}

/** What is written of an ending. Made here, so that a value which cannot be written hurts nobody else of its group. */
function itemOf(task: ClaimedTask, ending: Ending): Item {
  return {
    task,
    state: ending.state,
    ...('result' in ending
      ? { result: JSON.stringify(ending.result) }
      : { error: JSON.stringify(ending.error) }),
    ...(ending.usage ? { usage: JSON.stringify(ending.usage) } : {}),
  }
}
