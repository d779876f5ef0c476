import type { Queryable } from '../../db/database.ts'

/**
 * SQL that finds, among tasks, those that a task which has not ended reads from: one that replays or rehearses them, or
 * continues their run. Common table expressions, of which `needed` has their ids and that of the reader (`by_id`).
 *
 * @param ids the parameter that holds the ids
 */
export function neededTasks(ids: string): string {
  return `dependents as (
      select s.seed, s.id from (
        select id as seed, id from unnest(${ids}::uuid[]) i(id)
        union all
        select task_id, continues from bellwire.replays where task_id = any(${ids}::uuid[]) and continues is not null
      ) s
      union
      select d.seed, n.task_id from dependents d cross join lateral (
        select task_id from bellwire.replays where replay_of = d.id
        union all
        select task_id from bellwire.replays where continues = d.id
        union all
        select task_id from bellwire.rehearsed_tasks where rehearses = d.id
      ) n
    ), needed as (
      select d.seed as id, max(t.id::text)::uuid as by_id from dependents d join bellwire.tasks t on t.id = d.id
      where d.id <> d.seed and t.state in ('PENDING', 'STARTED', 'WAITING') group by 1
    )`
}

/** Which of the tasks are read by a task that has not ended, and by which. */
export async function findNeeded(
  db: { pool: Queryable },
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map()
  const { rows } = await db.pool.query<{ id: string; by_id: string }>({
    name: 'tasks_needed',
    text: `with recursive ${neededTasks('$1')} select id, by_id from needed`,
    values: [ids],
  })
  return new Map(rows.map((row) => [row.id, row.by_id]))
}
