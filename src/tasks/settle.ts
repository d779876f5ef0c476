import type { RunError, RunResult, Usage } from '../contract/task.ts'
import type { Database } from '../db/database.ts'
import { createBatches } from '../db/batches.ts'
import type { Signals } from '../db/signals.ts'
import { resumeFrom } from '../queue/queue.ts'
import { pauseTask, type Pause } from './approvals/pause.ts'
import type { Lease } from './claim.ts'
import { encodeUpdate, UPDATE_CHANNEL, WORK_CHANNEL } from './follow/channels.ts'

/** The final outcome of a run. */
export type Ending =
  /** `joined`: how many requests that joined the task it has seen. With fewer than there are, it does not end. */
  | { kind: 'succeeded'; result: RunResult; usage: Usage; joined?: number }
  | { kind: 'failed'; error: RunError; usage: Usage | undefined }

/**
 * Why a task is queued again: `retry` counts as a failed run, `handed_back` does not; `joined`: its run ended just when
 * a request joined it.
 */
export type Requeue =
  { kind: 'retry'; error: RunError; delayMs: number } | { kind: 'handed_back' } | { kind: 'joined' }

export type Settler = {
  /**
   * Ends a task, batched with others that end at the same time. False when the worker no longer holds it, or when a
   * request has joined it that a successful run has not seen.
   */
  end(lease: Lease, ending: Ending): Promise<boolean>
  /** Queues a task again. False when the worker no longer holds it. */
  requeue(lease: Lease, requeue: Requeue): Promise<boolean>
  /** Lets a task wait for a person or a callback. False when the worker no longer holds it. */
  pause(lease: Lease, pause: Pause): Promise<boolean>
}

/** An ending in its written form: JSON texts. */
type Item = {
  lease: Lease
  state: 'SUCCESS' | 'FAILURE'
  result: string | null
  error: string | null
  usage: string | null
  joined: number
}

/** Writes the outcome of runs. Each write is conditional on the lease: a worker that has lost it changes nothing. */
export function createSettler({ db, signals }: { db: Database; signals: Signals }): Settler {
  const groups = createBatches<Item, boolean>({
    handle: writeEndings,
    sizeOf: ({ result, error, usage }) =>
      (result?.length ?? 0) + (error?.length ?? 0) + (usage?.length ?? 0) + ROW_BYTES,
  })

  async function writeEndings(items: Item[]): Promise<boolean[]> {
    const sorted = items.toSorted((a, b) => (a.lease.taskId < b.lease.taskId ? -1 : 1))
    const { rows } = await db.pool.query<{ task_id: string }>({
      name: 'tasks_end',
      text: `with input as (
          select * from unnest($1::uuid[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[])
            as i(id, attempt, worker_id, state, result, error, usage, joined)
        ), ended as (
          update bellwire.tasks t
          set state = i.state::bellwire.task_state, result = i.result::json, error = i.error::json, usage = i.usage::json,
            worker_id = null, finished_at = now(), last_event = t.last_event + 1,
            failures = t.failures + case i.state when 'FAILURE' then 1 else 0 end
          from input i
          where t.id = i.id and t.attempt = i.attempt and t.worker_id = i.worker_id and t.state = 'STARTED'
            and (t.joined is null or t.joined <= i.joined or i.state <> 'SUCCESS')
          returning t.id, t.last_event, t.state, t.attempt, i.worker_id, t.error
        )
        insert into bellwire.transitions (task_id, event, state, reason, attempt, worker_id, error)
        select id, last_event, state, case state when 'SUCCESS' then 'succeeded' else 'failed' end, attempt, worker_id, error
        from ended
        returning task_id`,
      values: [
        sorted.map(({ lease }) => lease.taskId),
        sorted.map(({ lease }) => lease.attempt),
        sorted.map(({ lease }) => lease.workerId),
        sorted.map(({ state }) => state),
        sorted.map(({ result }) => result),
        sorted.map(({ error }) => error),
        sorted.map(({ usage }) => usage),
        sorted.map(({ joined }) => joined),
      ],
    })
    const ended = new Set(rows.map((row) => row.task_id))
    for (const id of ended) signals.publish(UPDATE_CHANNEL, encodeUpdate({ id, type: 'ended' }))
    return items.map(({ lease }) => ended.has(lease.taskId))
  }

  return {
    end: async (lease, ending) => groups.add(itemOf(lease, ending)),
    pause: (lease, pause) => pauseTask({ db, signals }, lease, pause),

    async requeue(lease, requeue) {
      const isRetry = requeue.kind === 'retry'
      const delayMs = isRetry ? requeue.delayMs : 0
      const { rowCount } = await db.pool.query({
        name: 'tasks_requeue',
        text: `with released as (
            update bellwire.tasks t
            set worker_id = null, failures = t.failures + $4, last_event = t.last_event + 1
            where t.id = $1 and t.attempt = $2 and t.worker_id = $3 and t.state = 'STARTED'
            returning *
          ), logged as (
            insert into bellwire.transitions (task_id, event, state, reason, attempt, worker_id, error, due_at)
            select id, last_event, state, $5, attempt, $3, $6::json, now() + make_interval(secs => $7::float8 / 1000)
            from released
          )
          ${resumeFrom('released', '$5', 'make_interval(secs => $7::float8 / 1000)')}`,
        values: [
          lease.taskId,
          lease.attempt,
          lease.workerId,
          isRetry ? 1 : 0,
          requeue.kind,
          isRetry ? JSON.stringify(requeue.error) : null,
          delayMs,
        ],
      })
      const done = (rowCount ?? 0) > 0
      if (done && delayMs === 0) signals.publish(WORK_CHANNEL, '')
      return done
    },
  }
}

/** Bytes that an ending takes in a batch beside its texts. */
const ROW_BYTES = 300

/** The written form of an ending. Created here, so that a value which cannot be written fails alone. */
function itemOf(lease: Lease, ending: Ending): Item {
  return {
    lease,
    state: ending.kind === 'succeeded' ? 'SUCCESS' : 'FAILURE',
    result: ending.kind === 'succeeded' ? JSON.stringify(ending.result) : null,
    error: ending.kind === 'failed' ? JSON.stringify(ending.error) : null,
    usage: ending.usage ? JSON.stringify(ending.usage) : null,
    joined: ending.kind === 'succeeded' ? (ending.joined ?? 0) : 0,
  }
}
