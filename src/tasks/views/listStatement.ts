import type { TaskState } from '../../contract/task.ts'
import type { AddValue } from './textCondition.ts'
import { checkedConditions, narrowConditions, type TaskFilter } from './taskFilter.ts'
import { jsonText } from '../../db/jsonText.ts'

/** Tasks that are contiguous in one index, in index order. */
type Scan = { where: string; order: string }

const BY_ID = 't.id desc'

/**
 * Where the tasks of some states are found, newest first, without reading those of other states. Together the scans
 * cover each of these tasks once.
 *
 * Queued tasks are in `tasks_live_idx` under no worker, running ones under theirs; `tasks_rare_idx` contains tasks in
 * rare states, all without a worker. The worker is part of the order because it is a column of these indexes. It also
 * keeps the planner from using the primary key, which it considers cheaper as long as it assumes that a state is spread
 * evenly over the table: failures that are older than 200,000 successes are not. Most tasks are in SUCCESS, so the
 * primary key finds them soon, and an index for them would make every run more expensive: their state is checked.
 */
function scansOf(states: readonly TaskState[] | undefined): Scan[] {
  if (!states || states.includes('SUCCESS')) return [{ where: 'true', order: BY_ID }]
  return [...new Set(states)].flatMap((state) => {
    const is = `t.state = '${state}'`
    const unheld = { where: `${is} and t.worker_id is null`, order: `t.worker_id desc, ${BY_ID}` }
    if (state !== 'STARTED') return [unheld]
    return [unheld, { where: `${is} and t.worker_id is not null`, order: BY_ID }]
  })
}

/** Only tasks that have failed or were cancelled have an error. */
const WITH_ERROR: readonly TaskState[] = ['FAILURE', 'CANCELLED']

/**
 * The states that tasks of a filter can be in; undefined for all. There may be none.
 */
function statesOf({ states, errorCode }: TaskFilter): readonly TaskState[] | undefined {
  if (errorCode === undefined) return states
  return states ? WITH_ERROR.filter((state) => states.includes(state)) : WITH_ERROR
}

/** What every statement that reads the next tasks gives, in its only row. */
export type Scanned = {
  /** Tasks read; fewer than asked for at the end. */
  scanned: number
  /** The oldest of them; null when none was read. */
  last: string | null
  last_created_at: Date | null
}

/** Whether every task that is read matches, so that a page costs no more than its tasks. */
export function isNarrow(filter: TaskFilter): boolean {
  return checkedConditions(filter, () => '').length === 0
}

export type Statement = { text: string; values: unknown[] }

type Reading = TaskFilter & {
  /** Reads tasks older than this one. */
  cursor?: string | undefined
  /** How many tasks it reads at most, whether they match or not. */
  scan: number
}

/** The statement that reads the next tasks, newest first, and gives the ids of those that match, at most `limit`. */
export function listStatement(reading: Reading & { limit: number }): Statement | undefined {
  return scanStatement(
    reading,
    [],
    (add) => `array(select id from matching order by id desc limit ${add(reading.limit)}) as found`,
  )
}

/** The statement that reads the next tasks, and counts those that match by state, by error code and by hour or day (UTC). */
export function countStatement(reading: Reading & { by: 'hour' | 'day' }): Statement | undefined {
  return scanStatement(
    reading,
    ['state', 'created_at', 'error'],
    (add) => `(select coalesce(json_agg(c), '[]') from (
        select state, extract(epoch from date_trunc(${add(reading.by)}, created_at, 'UTC'))::float8 as at,
          case when state = 'FAILURE' then ${jsonText('error', 'code')} end as code, count(*)::int
        from matching group by 1, 2, 3
      ) c) as counts`,
  )
}

/**
 * Whether a task matches is decided where it is read: joined by their ids, many tasks would be looked for in the whole
 * table.
 *
 * @param columns columns of tasks, beside the id
 * @param give SQL of a column over the relation `matching`, which has these columns
 * @returns undefined when no task can match
 */
function scanStatement(
  reading: Reading,
  columns: string[],
  give: (add: AddValue) => string,
): Statement | undefined {
  const values: unknown[] = [reading.scan]
  const add: AddValue = (value) => `$${values.push(value)}`
  const narrow = [
    ...narrowConditions(reading, add),
    ...(reading.cursor === undefined ? [] : [`t.id < ${add(reading.cursor)}`]),
  ]
  const checked = checkedConditions(reading, add)
  const shown = ['id', ...columns].map((column) => `t.${column}`).join(', ')
  const matches = checked.length === 0 ? 'true' : `(${checked.join(' and ')}) is true`
  const scans = scansOf(statesOf(reading)).map(
    ({ where, order }) =>
      `(select ${shown}, ${matches} as matches from bellwire.tasks t
        where ${[where, ...narrow].join(' and ')} order by ${order} limit $1)`,
  )
  if (scans.length === 0) return undefined
  return {
    text: `with scanned as materialized (
        select * from (${scans.join(' union all ')}) s order by id desc limit $1
      ), last as (
        select id, (select created_at from bellwire.tasks t where t.id = s.id) as created_at
        from scanned s order by id limit 1
      ), matching as (select * from scanned where matches)
      select ${give(add)}, (select count(*)::int from scanned) as scanned, (select id from last) as last,
        (select created_at from last) as last_created_at`,
    values,
  }
}
