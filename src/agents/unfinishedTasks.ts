import type { Queryable } from '../db/database.ts'
import { onlyRow } from '../db/onlyRow.ts'
import { BellwireError } from '../errors.ts'

/** Tasks that have not ended: pending, running, or waiting. */
type Unfinished = { pending: number; started: number; waiting: number }

/** @throws BellwireError `agent_in_use` when an agent has tasks that have not ended, with their numbers */
export async function refuseUnfinishedTasks(source: Queryable, agentId: string): Promise<void> {
  const counted = await source.query<Unfinished>(
    `select count(*) filter (where state = 'PENDING')::int as pending,
        count(*) filter (where state = 'STARTED')::int as started,
        count(*) filter (where state = 'WAITING')::int as waiting
      from bellwire.tasks where agent_id = $1 and state in ('PENDING', 'STARTED', 'WAITING')`,
    [agentId],
  )
  const tasks = onlyRow(counted)
  const parts = [
    ...(tasks.pending > 0 ? [`${tasks.pending} pending`] : []),
    ...(tasks.started > 0 ? [`${tasks.started} running`] : []),
    ...(tasks.waiting > 0 ? [`${tasks.waiting} waiting`] : []),
  ]
  if (parts.length === 0) return
  throw new BellwireError(
    'agent_in_use',
    `The agent has tasks that have not ended: ${parts.join(', ')}. ` +
      'Add ?tasks=cancel to cancel them, or ?tasks=finish to let them run.',
    { extensions: { tasks } },
  )
}
