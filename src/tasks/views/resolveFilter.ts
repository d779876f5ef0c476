import { isId } from '../../db/id.ts'
import type { Database } from '../../db/database.ts'
import { idRangeOf, type TaskFilter } from './taskFilter.ts'

/**
 * Replaces what would be searched by what an index answers. A text that ids begin with means these ids; a webhook
 * belongs to one agent.
 */
export async function resolveFilter(db: Database, filter: TaskFilter): Promise<TaskFilter> {
  const resolved = { ...filter }
  if (filter.webhookId !== undefined && filter.agentId === undefined) {
    const { rows } = await db.pool.query<{ agent_id: string }>(
      'select agent_id from bellwire.webhooks where id = $1',
      [filter.webhookId],
    )
    resolved.agentId = rows[0]?.agent_id
  }
  if (typeof filter.conversation === 'string') {
    const { rows } = await db.pool.query<{ id: string }>(
      `select id from bellwire.conversations where key = $1
        union select $2::uuid where $2::uuid is not null`,
      [filter.conversation, isId(filter.conversation) ? filter.conversation : null],
    )
    resolved.conversation = rows.map(({ id }) => id)
  }
  const range = filter.text === undefined ? undefined : idRangeOf(filter.text)
  if (range) {
    const { rowCount } = await db.pool.query(
      'select 1 from bellwire.tasks where id between $1 and $2 limit 1',
      [range.from, range.to],
    )
    if (rowCount) Object.assign(resolved, { ids: range, text: undefined })
  }
  return resolved
}
