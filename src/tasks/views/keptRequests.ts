import type { InboundRequest, TaskState, Usage } from '../../contract/task.ts'
import type { Database } from '../../db/database.ts'
import { EXACT_JSON } from '../../db/exactTypes.ts'
import { jsonText } from '../../db/jsonText.ts'

/** A task of a webhook with what its run has done. */
export type KeptTask = {
  id: string
  revision: number
  state: TaskState
  usage: Usage | null
  request: InboundRequest
  createdAt: Date
  /** Names of the tools that were called, without calls that a person denied. */
  calls: string[]
}

/** Tasks of an agent that are looked through for those of one webhook. */
const LOOK_AT = 20_000

/** Reads the latest tasks of a webhook, newest first. */
export async function readKeptTasks(
  db: Database,
  { agentId, webhookId, limit }: { agentId: string; webhookId: string; limit: number },
): Promise<KeptTask[]> {
  const { rows } = await db.pool.query<Omit<KeptTask, 'createdAt'> & { created_at: Date }>({
    text: `select t.id, t.revision, t.state, t.usage, t.request, t.created_at,
        array(select distinct s.name from bellwire.steps s
          where s.task_id = t.id and s.kind = 'tool' and ${jsonText('s.output', 'denied')} is null) as calls
      from (
        select * from (select * from bellwire.tasks where agent_id = $1 order by id desc limit ${LOOK_AT}) as latest
        where webhook_id = $2 order by id desc limit $3
      ) as t order by t.id desc`,
    values: [agentId, webhookId, limit],
    types: EXACT_JSON,
  })
  return rows.map(({ created_at: createdAt, ...task }) => ({ ...task, createdAt }))
}
