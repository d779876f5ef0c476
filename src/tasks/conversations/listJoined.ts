import type { Buffer } from 'node:buffer'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { InboundRequest } from '../../contract/task.ts'
import type { Database } from '../../db/database.ts'
import { showPayload, shownPayload } from '../views/showPayload.ts'

/** After a payload of this length, other requests get a turn. */
const LONG_BYTES = 4_096

/** Lists the requests that joined a task, with the step of its run that was the first to see each. */
export async function listJoined(db: Database, taskId: string) {
  const { rows } = await db.pool.query<{
    n: number
    coalesced: boolean
    payload: Buffer
    payload_bytes: number
    request: InboundRequest
    step: number | null
    created_at: Date
  }>({
    name: 'joined_list',
    text: `select j.n, j.coalesced, ${shownPayload('j')}, j.request, s.step, j.created_at
      from bellwire.joined_requests j
      left join bellwire.steps s on s.task_id = j.task_id and s.key = 'request/' || j.n and not j.coalesced
      where j.task_id = $1 order by j.coalesced desc, j.n`,
    values: [taskId],
  })
  const joined = []
  for (const { payload, payload_bytes: bytes, ...row } of rows) {
    joined.push({ ...row, payload: showPayload({ payload, payload_bytes: bytes }).payload })
    if (payload.length > LONG_BYTES) await nextTurn()
  }
  return joined
}
