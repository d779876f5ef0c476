import { EXACT_JSON } from '../../db/exactTypes.ts'
import type { RunError, RunResult, TaskState } from '../../contract/task.ts'
import { createBatches } from '../../db/batches.ts'
import type { Database } from '../../db/database.ts'
import { isId } from '../../db/id.ts'

export type TaskStatus = {
  state: TaskState
  result: RunResult | null
  error: RunError | null
  agentId: string
}

/** Reads the status of tasks. Callers that ask at the same time share a query: many of them poll. */
export type TaskStatuses = {
  /** Undefined when there is no task with this id, or when it is malformed. */
  read(taskId: string): Promise<TaskStatus | undefined>
}

export function createTaskStatuses(db: Database): TaskStatuses {
  const batches = createBatches<string, TaskStatus | undefined>({
    handle: readMany,
    maxItems: 256,
    inFlight: 4,
  })

  async function readMany(ids: string[]): Promise<(TaskStatus | undefined)[]> {
    const { rows } = await db.pool.query<TaskStatus & { id: string }>({
      name: 'task_statuses',
      text: `select id, state, result, error, agent_id as "agentId" from bellwire.tasks where id = any($1::uuid[])`,
      types: EXACT_JSON,
      values: [ids],
    })
    const byId = new Map(rows.map((row) => [row.id, row]))
    return ids.map((id) => byId.get(id))
  }

  return { read: async (taskId) => (isId(taskId) ? batches.add(taskId.toLowerCase()) : undefined) }
}
