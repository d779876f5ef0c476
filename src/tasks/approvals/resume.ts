import type pg from 'pg'
import { resumedRank } from '../../queue/rank.ts'
import { WAITED } from './waited.ts'

/** Why a wait ended: the reason of the transition, and of the row in the queue. */
export type WaitEnd = 'approval_decided' | 'approval_expired' | 'callback_received' | 'callback_timed_out'

/**
 * Counts what ended waits of a task, whose row is locked. If nothing is left to wait for, the task is STARTED again and
 * its row in the queue gets a rank, in the caller's transaction; a missing row is created again. Otherwise the row
 * becomes due when the next wait ends by itself.
 *
 * @param ended.events how many waits ended; their events have the numbers after the last one
 * @returns whether the task is queued again
 */
export async function endWait(
  tx: pg.PoolClient,
  { taskId, events, reason }: { taskId: string; events: number; reason: WaitEnd },
): Promise<boolean> {
  const { rows } = await tx.query<{ left: boolean; until: boolean }>(
    `select count(*) > 0 as left from bellwire.approvals where task_id = $1 and state = 'waiting'`,
    [taskId],
  )
  if (!rows[0]?.left) {
    await resume(tx, { taskId, events, reason })
    return true
  }
  await tx.query(
    `with counted as (
        update bellwire.tasks set last_event = last_event + $2 where id = $1 returning id
      )
      update bellwire.queue q
      set due_at = (select min(expires_at) from bellwire.approvals where task_id = $1 and state = 'waiting')
      from counted where q.task_id = $1`,
    [taskId, events],
  )
  return false
}

async function resume(
  tx: pg.PoolClient,
  { taskId, events, reason }: { taskId: string; events: number; reason: WaitEnd },
): Promise<void> {
  await tx.query(
    `with resumed as (
        update bellwire.tasks t
        set state = 'STARTED', waiting_since = null, waited_ms = ${WAITED}, last_event = t.last_event + $2 + 1
        where t.id = $1 returning t.*
      ), logged as (
        insert into bellwire.transitions (task_id, event, state, reason, attempt)
        select id, last_event, state, $3, attempt from resumed
      )
      insert into bellwire.queue as q (task_id, agent_id, rank, due_at, why)
      select id, agent_id, ${resumedRank('r.interactive')}, now(), $3 from resumed r
      on conflict (task_id) do update set rank = excluded.rank, due_at = excluded.due_at, why = excluded.why`,
    [taskId, events, reason],
  )
}
