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
