import { parseStored } from '../../contract/longJson/parseLong.ts'
import type { InboundRequest } from '../../contract/task.ts'
import type { Database } from '../../db/database.ts'
import { isId } from '../../db/id.ts'
import { BellwireError } from '../../errors.ts'

/** What the templates of an agent are rendered with for a task. */
export type PromptSource = {
  payload: unknown
  payloadText: string
  request: InboundRequest
  origin: string
  createdAt: Date
}

/**
 * Reads what the templates of an agent are rendered with for one of its tasks.
 *
 * @throws BellwireError `task_not_found`, also for a task of another agent
 */
export async function readPromptSource(db: Database, agentId: string, taskId: string): Promise<PromptSource> {
  const { rows } = isId(taskId)
    ? await db.pool.query<{ payload: Buffer; request: InboundRequest; origin: string; created_at: Date }>(
        'select payload, request, origin, created_at from bellwire.tasks where id = $1 and agent_id = $2',
        [taskId, agentId],
      )
    : { rows: [] }
  const [row] = rows
  if (!row) throw new BellwireError('task_not_found', 'This agent has no such task.')
  const payloadText = row.payload.toString('utf8')
  return {
    payload: await parseStored(row.payload),
    payloadText,
    request: row.request,
    origin: row.origin,
    createdAt: row.created_at,
  }
}
