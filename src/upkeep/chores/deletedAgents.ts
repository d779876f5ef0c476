import type { Database } from '../../db/database.ts'
import type { Signals } from '../../db/signals.ts'
import { cancelTask } from '../../tasks/cancel.ts'
import { IS_HELD, releaseHeld } from '../../tasks/heldTasks.ts'
import type { Chore } from '../chore.ts'

const BATCH = 100

type Parts = { db: Database; signals: Signals }

/**
 * Cancels tasks accepted while their agent was being deleted. Those of an agent deleted with `?tasks=finish` run, and
 * nobody could release the ones that its webhooks hold: they are released.
 */
export function settleTasksOfDeletedAgents(parts: Parts): Chore {
  return {
    name: 'deleted_agents',
    everyMs: 5_000,
    async run() {
      const { rows } = await parts.db.pool.query<{ id: string }>({
        name: 'deleted_agents_tasks',
        text: `select t.id from bellwire.agents a join bellwire.tasks t on t.agent_id = a.id
          where a.deleted_at > now() - interval '1 day' and a.delete_mode is distinct from 'finish'
            and t.state in ('PENDING', 'STARTED', 'WAITING')
          limit $1`,
        values: [BATCH],
      })
      for (const { id } of rows) await cancelTask(parts, id)
      const released = await releaseTasks(parts)
      return { items: rows.length + released, more: rows.length >= BATCH }
    },
  }
}

async function releaseTasks(parts: Parts): Promise<number> {
  const { rows } = await parts.db.pool.query<{ id: string }>({
    name: 'deleted_agents_held',
    text: `select a.id from bellwire.agents a
      where a.deleted_at > now() - interval '1 day' and a.delete_mode = 'finish'
        and exists (select from bellwire.tasks t where t.agent_id = a.id and ${IS_HELD})`,
  })
  let released = 0
  for (const { id } of rows) released += (await releaseHeld(parts, { agentId: id })).length
  return released
}
