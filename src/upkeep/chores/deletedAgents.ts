import type { Database } from '../../db/database.ts'
import type { Signals } from '../../db/signals.ts'
import { cancelTask } from '../../tasks/cancel.ts'
import { batchOf, type Chore } from '../chore.ts'

const BATCH = 100

/**
 * Cancels tasks accepted while their agent was being deleted. Those of an agent deleted with `?tasks=finish` run.
 */
export function cancelTasksOfDeletedAgents(parts: { db: Database; signals: Signals }): Chore {
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
      return batchOf(rows.length, BATCH)
    },
  }
}
