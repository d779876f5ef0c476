import type { TaskState } from '../contract/task.ts'
import type { Database } from '../db/database.ts'
import { idAt } from '../db/id.ts'

/** Recent activity of an agent. */
export type AgentActivity = {
  webhooks: { enabled: number; disabled: number }
  /** The newest task; null before the first. */
  lastTask: { id: string; state: TaskState; createdAt: Date } | null
  /** Tasks accepted in the last 24 hours, without rehearsals: the latest of them, if there are too many to count. */
  lastDay: { tasks: number; succeeded: number; failed: number; isComplete: boolean }
}

/** Tasks of the last day that are counted for each agent. */
const COUNTED = 5_000

const DAY_MS = 86_400_000

/** By how much the clocks of processes, which make the ids, may differ from that of the database. */
const MARGIN_MS = 3_600_000

type Row = {
  id: string
  enabled: number
  disabled: number
  task_id: string | null
  state: TaskState
  created_at: Date
  tasks: number
  succeeded: number
  failed: number
  counted: number
}

/** Reads the activity of some agents in one query that uses indexes only. Every id gets an entry. */
export async function readAgentActivity(
  db: Database,
  agentIds: string[],
): Promise<Map<string, AgentActivity>> {
  if (agentIds.length === 0) return new Map()
  const { rows } = await db.pool.query<Row>(
    `select a.id, w.enabled, w.disabled, t.id as task_id, t.state, t.created_at,
        d.tasks, d.succeeded, d.failed, d.counted
      from unnest($1::uuid[]) as a(id)
      cross join lateral (
        select count(*) filter (where enabled)::int as enabled, count(*) filter (where not enabled)::int as disabled
        from bellwire.webhooks where agent_id = a.id
      ) w
      left join lateral (
        select id, state, created_at from bellwire.tasks where agent_id = a.id order by id desc limit 1
      ) t on true
      cross join lateral (
        select count(*) filter (where is_run)::int as tasks,
          count(*) filter (where is_run and state = 'SUCCESS')::int as succeeded,
          count(*) filter (where is_run and state = 'FAILURE')::int as failed, count(*)::int as counted
        from (
          select state, origin <> 'rehearsal' and created_at > now() - interval '1 day' as is_run from bellwire.tasks
          where agent_id = a.id and id >= $2 order by id desc limit ${COUNTED}
        ) n
      ) d`,
    [agentIds, idAt(Date.now() - DAY_MS - MARGIN_MS)],
  )
  return new Map(
    rows.map(({ id, enabled, disabled, task_id: taskId, state, created_at: createdAt, ...row }) => [
      id,
      {
        webhooks: { enabled, disabled },
        lastTask: taskId === null ? null : { id: taskId, state, createdAt },
        lastDay: {
          tasks: row.tasks,
          succeeded: row.succeeded,
          failed: row.failed,
          isComplete: row.counted < COUNTED,
        },
      },
    ]),
  )
}
