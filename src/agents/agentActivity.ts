import type { TaskState } from '../contract/task.ts'
import type { Database } from '../db/database.ts'

/** Recent activity of an agent. */
export type AgentActivity = {
  webhooks: { enabled: number; disabled: number }
  /** The newest task; null before the first. */
  lastTask: { id: string; state: TaskState; createdAt: Date } | null
}

type Row = {
  id: string
  enabled: number
  disabled: number
  task_id: string | null
  state: TaskState
  created_at: Date
}

/** Reads the activity of some agents in one query that uses indexes only. Every id gets an entry. */
export async function readAgentActivity(
  db: Database,
  agentIds: string[],
): Promise<Map<string, AgentActivity>> {
  if (agentIds.length === 0) return new Map()
  const { rows } = await db.pool.query<Row>(
    `select a.id, w.enabled, w.disabled, t.id as task_id, t.state, t.created_at
      from unnest($1::uuid[]) as a(id)
      cross join lateral (
        select count(*) filter (where enabled)::int as enabled, count(*) filter (where not enabled)::int as disabled
        from bellwire.webhooks where agent_id = a.id
      ) w
      left join lateral (
        select id, state, created_at from bellwire.tasks where agent_id = a.id order by id desc limit 1
      ) t on true`,
    [agentIds],
  )
  return new Map(
    rows.map(({ id, enabled, disabled, task_id: taskId, state, created_at: createdAt }) => [
      id,
      {
        webhooks: { enabled, disabled },
        lastTask: taskId === null ? null : { id: taskId, state, createdAt },
      },
    ]),
  )
}
