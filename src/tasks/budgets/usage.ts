import type { UsageQuery, UsageReport, UsageTotals } from '../../contract/usageReport.ts'
import { tidyUsd } from '../../contract/usd.ts'
import type { Database } from '../../db/database.ts'

/** For a row returned by an upsert: whether it was inserted, rather than updated. */
export const IS_NEW = '(xmax = 0)'

/** The current day in UTC, by the clock of the database. */
export const TODAY = `(now() at time zone 'UTC')::date`

/**
 * Part of a statement that adds the use of model calls to the account of their day. Only new journal rows count: a
 * write repeated because its response was lost is not a second call.
 *
 * @param written the name of a part with the rows that were written: task_id, kind, key, name, usage, is_new
 * @param tasks the name of a part with their tasks: id, agent_id
 */
export function countUsage(written: string, tasks: string): string {
  const tokens = (name: string): string => `coalesce(sum((w.usage ->> '${name}')::bigint), 0)`
  return `counted as (
    insert into bellwire.usage_daily as u (day, agent_id, model, runs, model_calls, unpriced_model_calls, input_tokens,
      cached_input_tokens, output_tokens, reasoning_tokens, cost_usd)
    select ${TODAY}, t.agent_id, w.name, count(*) filter (where w.key = 'model/0'), count(*),
      count(*) filter (where w.usage ->> 'cost_usd' is null), ${tokens('input_tokens')},
      ${tokens('cached_input_tokens')}, ${tokens('output_tokens')}, ${tokens('reasoning_tokens')},
      coalesce(sum((w.usage ->> 'cost_usd')::numeric), 0)
    from ${written} w join ${tasks} t on t.id = w.task_id
    where w.kind = 'model' and w.usage is not null and w.is_new
    group by t.agent_id, w.name
    -- In one order for everybody, or two groups with the same agents would wait for each other.
    order by t.agent_id, w.name
    on conflict (day, agent_id, model) do update set runs = u.runs + excluded.runs,
      model_calls = u.model_calls + excluded.model_calls,
      unpriced_model_calls = u.unpriced_model_calls + excluded.unpriced_model_calls,
      input_tokens = u.input_tokens + excluded.input_tokens,
      cached_input_tokens = u.cached_input_tokens + excluded.cached_input_tokens,
      output_tokens = u.output_tokens + excluded.output_tokens,
      reasoning_tokens = u.reasoning_tokens + excluded.reasoning_tokens,
      cost_usd = u.cost_usd + excluded.cost_usd
  )`
}

/** Days in a report without a first day. */
const DEFAULT_DAYS = 30

const GROUPS = {
  day: { columns: `u.day::text as day`, by: 'u.day', order: 'u.day' },
  agent: {
    columns: 'u.agent_id, (select a.name from bellwire.agents a where a.id = u.agent_id) as agent_name',
    by: 'u.agent_id',
    order: 'sum(u.cost_usd) desc, sum(u.input_tokens + u.output_tokens) desc, u.agent_id',
  },
  model: {
    columns: 'u.model',
    by: 'u.model',
    order: 'sum(u.cost_usd) desc, sum(u.input_tokens + u.output_tokens) desc, u.model',
  },
}

const SUMS = `coalesce(sum(u.runs), 0)::float8 as runs, coalesce(sum(u.model_calls), 0)::float8 as model_calls,
  coalesce(sum(u.input_tokens), 0)::float8 as input_tokens,
  coalesce(sum(u.cached_input_tokens), 0)::float8 as cached_input_tokens,
  coalesce(sum(u.output_tokens), 0)::float8 as output_tokens,
  coalesce(sum(u.reasoning_tokens), 0)::float8 as reasoning_tokens,
  coalesce(sum(u.unpriced_model_calls), 0)::float8 as unpriced_model_calls,
  round(coalesce(sum(u.cost_usd), 0), 9)::text as cost_usd`

type Group = UsageTotals & { day?: string; agent_id?: string; agent_name?: string; model?: string }

/** Sums usage between two days, both included. Groups without any usage are omitted. */
export async function reportUsage(db: Database, query: UsageQuery): Promise<UsageReport> {
  const span = await db.pool.query<{ from: string; to: string }>(
    `select coalesce($1::date, "to" - ${DEFAULT_DAYS - 1})::text as from, "to"::text as to
      from (select coalesce($2::date, ${TODAY}) as "to") s`,
    [query.from ?? null, query.to ?? null],
  )
  const { from, to } = span.rows[0] ?? { from: '', to: '' }
  const where = 'u.day between $1 and $2 and ($3::uuid is null or u.agent_id = $3)'
  const values = [from, to, query.agent_id ?? null]
  const { columns, by, order } = GROUPS[query.group_by]
  const [groups, total] = await Promise.all([
    db.pool.query<Group>(
      `select ${columns}, ${SUMS} from bellwire.usage_daily u where ${where} group by ${by} order by ${order}`,
      values,
    ),
    db.pool.query<UsageTotals>(`select ${SUMS} from bellwire.usage_daily u where ${where}`, values),
  ])
  const [sum] = total.rows
  if (!sum) throw new Error('an aggregate without groups returned no row')
  return { from, to, group_by: query.group_by, data: groups.rows.map(show), total: show(sum) }
}

/** A cost that includes none of the calls is unknown, not zero. */
function show<T extends UsageTotals>(totals: T): T {
  const isKnown = totals.model_calls === 0 || totals.unpriced_model_calls < totals.model_calls
  return { ...totals, cost_usd: isKnown ? tidyUsd(totals.cost_usd ?? '0') : null }
}
