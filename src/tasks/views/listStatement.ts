import type { TaskState } from '../../contract/task.ts'

export type TaskFilter = { state?: TaskState | undefined; agentId?: string | undefined }

/** Tasks that are contiguous in one index, in index order. */
type Scan = { where: string; order: string }

const BY_ID = 't.id desc'

/**
 * Where the tasks of each state are found, newest first, without reading those of other states. Together the scans of a
 * state cover each of its tasks once.
 *
 * Queued tasks are in `tasks_live_idx` under no worker, running ones under theirs; `tasks_rare_idx` contains tasks in
 * rare states, all without a worker. The worker is part of the order because it is a column of these indexes. It also
 * keeps the planner from using the primary key, which it considers cheaper as long as it assumes that a state is spread
 * evenly over the table: failures that are older than 200,000 successes are not. Most tasks are in SUCCESS, so the
 * primary key finds them soon, and an index for them would make every run more expensive.
 */
function scansOf(state: TaskState | undefined): Scan[] {
  if (state === undefined) return [{ where: 'true', order: BY_ID }]
  const is = `t.state = '${state}'`
  if (state === 'SUCCESS') return [{ where: is, order: BY_ID }]
  const unheld = { where: `${is} and t.worker_id is null`, order: `t.worker_id desc, ${BY_ID}` }
  if (state !== 'STARTED') return [unheld]
  return [unheld, { where: `${is} and t.worker_id is not null`, order: BY_ID }]
}

/**
 * The statement that lists tasks, newest first: at most `limit`, older than the cursor.
 *
 * @param columns of the task `t` and its agent `a`
 */
export function listStatement(
  columns: string,
  { state, agentId, cursor, limit }: TaskFilter & { cursor?: string | undefined; limit: number },
): { text: string; values: unknown[] } {
  const values: unknown[] = [limit]
  const conditions: string[] = []
  if (agentId !== undefined) conditions.push(`t.agent_id = $${values.push(agentId)}`)
  if (cursor !== undefined) conditions.push(`t.id < $${values.push(cursor)}`)
  const scans = scansOf(state).map(
    ({ where, order }) =>
      `(select t.id from bellwire.tasks t where ${[where, ...conditions].join(' and ')} order by ${order} limit $1)`,
  )
  return {
    text: `select ${columns} from (${scans.join(' union all ')}) found
      join bellwire.tasks t on t.id = found.id
      join bellwire.agents a on a.id = t.agent_id
      order by t.id desc limit $1`,
    values,
  }
}
