import type { Cause } from './cause.ts'
import { jsonText } from '../../db/jsonText.ts'

/** Failures that ended longer ago are not looked at. */
const RECENT = `interval '1 day'`

/** How many later tasks are searched for a success, and how many earlier ones for the start of a streak. */
const LOOK = 1_000

/**
 * Agents whose latest tasks, apart from rehearsals, have all failed, in the order in which they were accepted. A streak
 * is named by the success before it, so each is noticed once.
 */
export const failures: Cause = async (db, { failures_in_a_row: count }) => {
  if (count === null) return []
  const { rows } = await db.query<{
    agent_id: string
    agent: string
    task_id: string
    code: string | null
    start: string
  }>({
    name: 'notices_failures',
    text: `select a.id as agent_id, a.name as agent, f.ids[1] as task_id, f.codes[1] as code,
        coalesce(s.id::text, case when s.searched < ${LOOK} then 'first' else 'long ' || current_date end) as start
      from bellwire.agents a
      cross join lateral (
        select array_agg(t.id order by t.id desc) as ids, array_agg(${jsonText('t.error', 'code')} order by t.id desc) as codes,
          max(t.finished_at) as last_at
        from (
          select id, error, finished_at from bellwire.tasks
          where agent_id = a.id and state = 'FAILURE' and worker_id is null and origin <> 'rehearsal'
          order by id desc limit $1
        ) t
      ) f
      cross join lateral (
        select max(t.id::text) filter (where t.state = 'SUCCESS' and t.origin <> 'rehearsal') as id, count(*) as searched
        from (
          select id, state, origin from bellwire.tasks where agent_id = a.id and id < f.ids[$1] order by id desc limit ${LOOK}
        ) t
      ) s
      where a.deleted_at is null and cardinality(f.ids) = $1 and f.last_at > now() - ${RECENT}
        and not exists (
          select from (
            select state, origin from bellwire.tasks where agent_id = a.id and id > f.ids[$1] order by id limit ${LOOK}
          ) t where t.state = 'SUCCESS' and t.origin <> 'rehearsal'
        )`,
    values: [count],
  })
  return rows.map(({ agent_id: agentId, agent, task_id: taskId, code, start }) => ({
    key: `failures:${agentId}:${start}`,
    kind: 'failures',
    title: `${agent} has failed${count === 1 ? '' : ` ${count} times in a row`}${code === null ? '' : `: ${code}`}`,
    agentId,
    taskId,
  }))
}
