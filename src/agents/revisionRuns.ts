import { tidyUsd } from '../contract/usd.ts'
import type { Database } from '../db/database.ts'

/** The tasks of an agent that are counted, the latest first. */
const COUNTED = 10_000

export type RevisionRuns = {
  counted: number
  isComplete: boolean
  revisions: {
    revision: number
    tasks: number
    succeeded: number
    failed: number
    costUsd: string | null
    lastTaskAt: Date
  }[]
}

/** How the latest tasks of an agent ended, by revision, newest first. Rehearsals are not counted. */
export async function readRevisionRuns(db: Database, agentId: string): Promise<RevisionRuns> {
  const { rows } = await db.pool.query<RevisionRuns['revisions'][number] & { counted: number }>({
    name: 'revision_runs',
    text: `select revision, count(*) filter (where origin <> 'rehearsal')::int as tasks,
        count(*) filter (where origin <> 'rehearsal' and state = 'SUCCESS')::int as succeeded,
        count(*) filter (where origin <> 'rehearsal' and state = 'FAILURE')::int as failed,
        (round(sum((usage ->> 'cost_usd')::numeric) filter (where origin <> 'rehearsal'), 9))::text as "costUsd",
        max(created_at) as "lastTaskAt", (sum(count(*)) over ())::int as counted
      from (
        select revision, origin, state, usage, created_at from bellwire.tasks
        where agent_id = $1 order by id desc limit ${COUNTED}
      ) t group by revision order by revision desc`,
    values: [agentId],
  })
  const counted = rows[0]?.counted ?? 0
  return {
    counted: counted,
    isComplete: counted < COUNTED,
    revisions: rows
      .filter(({ tasks }) => tasks > 0)
      .map(({ counted: _counted, costUsd, ...revision }) => ({
        ...revision,
        costUsd: costUsd === null ? null : tidyUsd(costUsd),
      })),
  }
}
