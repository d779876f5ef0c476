import { query } from './database.ts'

/** Fills a database with finished tasks, as a long retention would. */
export async function fill(url: string, count: number): Promise<void> {
  await query(
    url,
    `with agent as (
        insert into bellwire.agents (id, name, revision) values (gen_random_uuid(), 'Old', 1) returning id
      ), revision as (
        insert into bellwire.agent_revisions (agent_id, revision, config) select id, 1, '{}' from agent
      )
      insert into bellwire.tasks
        (id, agent_id, revision, origin, state, payload, request, result, created_at, started_at, finished_at)
      select gen_random_uuid(), agent.id, 1, 'webhook', 'SUCCESS', '{"question":"x"}',
        '{"method":"POST","headers":{},"query":{}}',
        '{"answer":"yes","sources":[],"tool_calls":[],"thought":""}', now(), now(), now()
      from agent, generate_series(1, ${count})`,
  )
  await query(url, 'vacuum analyze bellwire.tasks')
}

/** Fills a database with tasks that ended some days ago, each with two steps. */
export async function fillExpired(
  url: string,
  { count, days }: { count: number; days: number },
): Promise<void> {
  await query(
    url,
    `with agent as (
        insert into bellwire.agents (id, name, revision) values (gen_random_uuid(), 'Old', 1) returning id
      ), revision as (
        insert into bellwire.agent_revisions (agent_id, revision, config) select id, 1, '{}' from agent
      ), task as (
        insert into bellwire.tasks
          (id, agent_id, revision, origin, state, payload, request, result, created_at, started_at, finished_at)
        select (lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0') || substr(md5(n::text), 1, 20))::uuid,
          agent.id, 1, 'webhook', 'SUCCESS', '{"question":"x"}', '{"method":"POST","headers":{},"query":{}}',
          '{"answer":"yes","sources":[],"tool_calls":[],"thought":""}', at, at, at
        from agent, (
          select n, now() - make_interval(days => ${days}) + n * interval '1 second' as at from generate_series(1, ${count}) n
        ) made
        returning id, created_at
      )
      insert into bellwire.steps (task_id, event, key, kind, name, step, state, attempt, input, output, started_at)
      select id, 2 + n, 'model/' || n, 'model', 'x', n, 'done', 1, '{"a":1}', '{"b":2}', created_at
      from task, generate_series(0, 1) n`,
  )
  await query(url, 'vacuum analyze bellwire.tasks')
}
