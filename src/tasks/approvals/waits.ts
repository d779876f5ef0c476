import type { Database } from '../../db/database.ts'

/** Something that a run waits for. */
export type Wait = {
  kind: 'approval' | 'question' | 'callback'
  /** The approval or question, or the callback URL. */
  id: string
  step: number
  key: string
  since: Date
  /** Null: until it is decided. */
  until: Date | null
}

/** Reads what a task waits for, oldest first. */
export async function readWaits(db: Database, taskId: string): Promise<Wait[]> {
  const { rows } = await db.pool.query<Wait>({
    name: 'waits_read',
    text: `select case when callback_id is not null then 'callback' when question is not null then 'question'
          else 'approval' end as kind,
        coalesce(callback_id, id) as id, step, key, created_at as since, nullif(expires_at, 'infinity') as until
      from bellwire.approvals where task_id = $1 and state = 'waiting' order by approvals.id`,
    values: [taskId],
  })
  return rows
}

/** A wait for a callback URL, which may have ended. */
export type CallbackWait = {
  /** The callback URL. */
  id: string
  state: 'waiting' | 'called' | 'timed_out' | 'cancelled'
  step: number
  key: string
  since: Date
  until: Date | null
  ended_at: Date | null
}

/** Reads the waits of a task for callback URLs, by the ids of their rows. */
export async function readCallbackWaits(db: Database, taskId: string): Promise<Map<string, CallbackWait>> {
  const { rows } = await db.pool.query<CallbackWait & { row_id: string }>({
    name: 'callback_waits_read',
    text: `select id as row_id, callback_id as id,
        case state when 'approved' then 'called' when 'expired' then 'timed_out' else state end as state,
        step, key, created_at as since, nullif(expires_at, 'infinity') as until, decided_at as ended_at
      from bellwire.approvals where task_id = $1 and callback_id is not null`,
    values: [taskId],
  })
  return new Map(rows.map(({ row_id: rowId, ...wait }) => [rowId, wait]))
}
