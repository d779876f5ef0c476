import { openDatabase, type Database } from '../src/db/database.ts'
import { countTasks } from '../src/tasks/views/countTasks.ts'
import { listTasks } from '../src/tasks/views/queries.ts'
import type { TaskFilter } from '../src/tasks/views/taskFilter.ts'
import { query } from './database.ts'
import { median } from './processes.ts'

/** How long a list or a count of many tasks takes, in milliseconds, and how far it got in that time. */
export type ListFigure = { what: string; ms: number; note: string }

const DAY_MS = 86_400_000
const PAGE = { limit: 50 }
const TIMES = 5

/** Measures lists, searches and counts over many tasks of the last 30 days. */
export async function benchLists(databaseUrl: string, tasks: number): Promise<ListFigure[]> {
  const agents = await fillTasks(databaseUrl, tasks)
  const db = openDatabase(databaseUrl, { name: 'lists', onError: console.error })
  try {
    const since = (days: number): Date => new Date(Date.now() - days * DAY_MS)
    const middle = await idBefore(db, since(15))
    const list = (what: string, filter: TaskFilter & { after?: string }): Promise<ListFigure> =>
      measure(what, async () => {
        const { items, searchedBackTo } = await listTasks(db, { ...PAGE, ...filter })
        const back = searchedBackTo ? `, ${daysAgo(searchedBackTo)} days searched` : ''
        return `${items.length} tasks${back}`
      })
    const count = (what: string, filter: TaskFilter): Promise<ListFigure> =>
      measure(what, async () => {
        const { states, countedBackTo } = await countTasks(db, filter)
        const total = Object.values(states).reduce((sum, one) => sum + one, 0)
        return `${total.toLocaleString('en')} counted${countedBackTo ? `, ${daysAgo(countedBackTo)} days` : ''}`
      })
    const wanted = [
      () => list('first page', {}),
      () => list('a page in the middle', { after: middle }),
      () => list('`state=FAILURE`', { states: ['FAILURE'] }),
      () => list('`state=PENDING`, of which there are few', { states: ['PENDING'] }),
      () => list('`error_code`, of 1 in 2,000 tasks', { errorCode: 'timed_out' }),
      () => list('`agent_id`, of 1 in 1,000 tasks', { agentId: agents.small }),
      () => list('`agent_id` and `state=FAILURE`', { agentId: agents.large, states: ['FAILURE'] }),
      () => list('one day, a month ago', { since: since(29), until: since(28) }),
      () => list('`q`, of 1 in 100 tasks', { text: 'order 77' }),
      () => list('`q`, of one task a month ago', { text: 'order 1000 ' }),
      () =>
        list('`q`, of one task, within its day', {
          text: 'order 1000 ',
          since: since(30.5),
          until: since(29.5),
        }),
      () => list('`q`, of no task', { text: 'nowhere' }),
      () => list('`min_cost_usd`, of 1 in 1,000 tasks', { minCostUsd: 0.5 }),
      () => list('`min_seconds`, of 1 in 1,000 tasks', { minSeconds: 100 }),
      () => count('counts of the last 24 hours', {}),
      () => count('counts of a week, by the hour', { since: since(7) }),
      () => count('counts of everything, by the day', { since: since(31) }),
    ]
    const figures: ListFigure[] = []
    for (const one of wanted) figures.push(await one())
    return figures
  } finally {
    await db.close()
  }
}

async function measure(what: string, run: () => Promise<string>): Promise<ListFigure> {
  const times: number[] = []
  let note = ''
  for (let time = 0; time < TIMES; time += 1) {
    const began = performance.now()
    note = await run()
    times.push(performance.now() - began)
  }
  return { what, ms: median(times), note }
}

function daysAgo(at: Date): string {
  return ((Date.now() - at.getTime()) / DAY_MS).toFixed(1)
}

async function idBefore(db: Database, at: Date): Promise<string> {
  const { rows } = await db.pool.query<{ id: string }>(
    'select id from bellwire.tasks where created_at < $1 order by id desc limit 1',
    [at],
  )
  return rows[0]?.id ?? ''
}

/** Tasks of two agents over 30 days, in order of acceptance: most have succeeded, 2 in 100 have failed. */
async function fillTasks(url: string, count: number): Promise<{ large: string; small: string }> {
  const [agents] = await query<{ large: string; small: string }>(
    url,
    `with agent as (
        insert into bellwire.agents (id, name, revision)
        values (gen_random_uuid(), 'Large', 1), (gen_random_uuid(), 'Small', 1) returning id, name
      ), revision as (
        insert into bellwire.agent_revisions (agent_id, revision, config) select id, 1, '{}' from agent
      )
      select max(id::text) filter (where name = 'Large') as large, max(id::text) filter (where name = 'Small') as small
      from agent`,
  )
  if (!agents) throw new Error('the agents were not written')
  await query(
    url,
    `insert into bellwire.tasks (id, agent_id, revision, origin, state, payload, request, result, error, usage,
        created_at, started_at, finished_at)
      select (lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0') || substr(md5(n::text), 1, 20))::uuid,
        case when n % 1000 = 0 then '${agents.small}' else '${agents.large}' end::uuid, 1, 'webhook',
        state::bellwire.task_state,
        convert_to(format('{"question":"Where is order %s of customer %s? It was promised for this week, and has not arrived.",'
          '"customer":{"email":"customer%s@example.com","language":"en"}}', n, n % 5000, n % 5000), 'UTF8'),
        '{"method":"POST","headers":{"content-type":"application/json"},"query":{}}',
        case when state = 'SUCCESS' then json_build_object('answer', repeat('It is on its way to you. ', 8), 'sources', '[]'::json,
          'tool_calls', '[]'::json, 'thought', '') end,
        case when state = 'FAILURE' then json_build_object('code', case when n % 2000 = 0 then 'timed_out' else 'provider_auth' end,
          'message', 'The provider refused the key.') end,
        json_build_object('model_calls', 1, 'input_tokens', 900, 'cached_input_tokens', 0, 'output_tokens', 60,
          'reasoning_tokens', 0, 'cost_usd', case when n % 1000 = 1 then '0.75' else '0.002' end),
        at, case when state <> 'PENDING' then at end,
        case when state <> 'PENDING' then at + make_interval(secs => case when n % 1000 = 2 then 120 else 4 end) end
      from (
        select n, now() - interval '30 days' + n * (interval '30 days' / ${count}) as at,
          case when n > ${count} - 20 then 'PENDING' when n % 50 = 0 then 'FAILURE' when n % 200 = 1 then 'CANCELLED'
            else 'SUCCESS' end as state
        from generate_series(1, ${count}) n
      ) made`,
  )
  await query(url, 'vacuum analyze bellwire.tasks')
  return agents
}
