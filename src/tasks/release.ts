import { freshRankSql } from '../queue/rank.ts'

/**
 * SQL that gives tasks their place in the queue that were kept out of it and have never run: common table expressions,
 * and the update of their rows (`q`) to end the statement with.
 *
 * @param due a relation of rows of the queue, locked, with `task_id` and `agent_id`
 * @param head the parameter that holds the head of the queue
 */
export function releaseFrom(due: string, head: string): string {
  return `placed as (
      select d.task_id, ${head}::bigint + row_number() over (partition by d.agent_id order by d.task_id) - 1 as place
      from ${due} d
    ), released as (
      update bellwire.tasks t set held = null, last_event = t.last_event + 1
      from placed p where t.id = p.task_id and t.state = 'PENDING'
      returning t.*
    ), logged as (
      insert into bellwire.transitions (task_id, event, state, reason, attempt)
      select id, last_event, state, 'released', attempt from released
    )
    update bellwire.queue q
    set rank = ${freshRankSql('r.interactive', 'p.place')}, due_at = now(), why = 'accepted'
    from released r join placed p on p.task_id = r.id
    where q.task_id = r.id`
}
