import type { Buffer } from 'node:buffer'
import { parseExact } from '../../contract/exactJson.ts'
import type { InboundRequest } from '../../contract/task.ts'
import type { Database } from '../../db/database.ts'

/** Lists the requests that joined a task, with the step of its run that was the first to see each. */
export async function listJoined(db: Database, taskId: string) {
  const { rows } = await db.pool.query<{
    n: number
    coalesced: boolean
    payload: Buffer
    request: InboundRequest
    step: number | null
    created_at: Date
  }>({
    name: 'joined_list',
    text: `select j.n, j.coalesced, j.payload, j.request, s.step, j.created_at
      from bellwire.joined_requests j
      left join bellwire.steps s on s.task_id = j.task_id and s.key = 'request/' || j.n and not j.coalesced
      where j.task_id = $1 order by j.coalesced desc, j.n`,
    values: [taskId],
  })
  return rows.map(({ payload, ...row }) => ({ ...row, payload: parseExact(payload.toString('utf8')) }))
}
