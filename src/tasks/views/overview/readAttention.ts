import type { Overview } from '../../../contract/overview.ts'
import type { Database } from '../../../db/database.ts'
import { TODAY } from '../../budgets/usage.ts'
import { BUDGET_SETTING } from '../../budgets/budget.ts'
import { idAt } from '../../../db/id.ts'
import { readSilentWebhooks } from '../silentWebhooks.ts'
import { jsonText } from '../../../db/jsonText.ts'

type Attention = Overview['attention']

/** No more rows than these are read of each kind: what needs a person is in the newest ones. */
const MOST_READ = 5_000
const MOST_WAITING = 1_000
const MOST_SHOWN = 20

/** Use of a daily budget from which on it is worth a look. */
const NEARLY_USED = 0.8

const NAME = `(select a.name from bellwire.agents a where a.id = agent_id)`

/** What needs a person: each part reads the newest rows by an index, and no more than a fixed number. */
export async function readAttention(
  db: Database,
  { since, until }: { since: Date; until: Date },
): Promise<Attention> {
  const [waiting, failures, rejections, deliveries, silent, budgets] = await Promise.all([
    readWaiting(db),
    readFailures(db, since),
    readRejections(db, { since, until }),
    readDeliveries(db, since),
    readSilent(db),
    readBudgets(db),
  ])
  return { ...waiting, failures, rejections, deliveries, silent, budgets }
}

async function readWaiting(db: Database): Promise<Pick<Attention, 'approvals' | 'questions'>> {
  const { rows } = await db.pool.query<{ approvals: number; questions: number }>(
    `select count(*) filter (where question is null)::int as approvals,
        count(*) filter (where question is not null)::int as questions
      from (select question from bellwire.approvals where state = 'waiting' limit ${MOST_WAITING}) w`,
  )
  return rows[0] ?? { approvals: 0, questions: 0 }
}

/** By `tasks_rare_idx`, newest first. */
async function readFailures(db: Database, since: Date): Promise<Attention['failures']> {
  const { rows } = await db.pool.query<Attention['failures'][number] & { last_at: Date }>(
    `with failed as materialized (
        select id, agent_id, created_at, error from bellwire.tasks
        where state = 'FAILURE' and worker_id is null and id >= $1 and created_at >= $2
        order by worker_id desc, id desc limit ${MOST_READ}
      )
      select agent_id, coalesce(${NAME}, '') as agent_name, code, count(*)::int, max(created_at) as last_at,
        (array_agg(id order by id desc))[1] as last_task_id,
        left((array_agg(message order by id desc))[1], 500) as message
      from (
        select id, agent_id, created_at, coalesce(${jsonText('error', 'code')}, 'internal') as code,
          coalesce(${jsonText('error', 'message')}, '') as message from failed
      ) f group by agent_id, code order by count(*) desc, max(id::text) desc limit ${MOST_SHOWN}`,
    [idAt(since.getTime()), since],
  )
  return rows.map((row) => ({ ...row, last_at: row.last_at.toISOString() }))
}

/** Reasons that are clearly more frequent than in the period before. */
async function readRejections(
  db: Database,
  { since, until }: { since: Date; until: Date },
): Promise<Attention['rejections']> {
  const before = new Date(2 * since.getTime() - until.getTime())
  const { rows } = await db.pool.query<Attention['rejections'][number]>(
    `with recent as materialized (
        select agent_id, reason, 1 + repeats as times, created_at >= $2 as is_new from bellwire.rejections
        where id >= $1 order by id desc limit ${MOST_READ}
      )
      select agent_id, coalesce(${NAME}, '') as agent_name, reason,
        coalesce(sum(times) filter (where is_new), 0)::int as count,
        coalesce(sum(times) filter (where not is_new), 0)::int as before
      from recent where reason not in ('filtered', 'own_echo') group by agent_id, reason
      having coalesce(sum(times) filter (where is_new), 0) > 4
          + 1.5 * coalesce(sum(times) filter (where not is_new), 0)
      order by 4 desc limit ${MOST_SHOWN}`,
    [idAt(before.getTime()), since],
  )
  return rows
}

/** By `deliveries_failed_idx`, newest first; and callbacks that their receivers switched off. */
async function readDeliveries(db: Database, since: Date): Promise<Attention['deliveries']> {
  const { rows } = await db.pool.query<
    Omit<Attention['deliveries'][number], 'disabled_at'> & { disabled_at: Date | null }
  >(
    `with failed as materialized (
        select number, agent_id, webhook_id, error, finished_at from bellwire.deliveries
        where state = 'failed' order by number desc limit ${MOST_READ}
      ), counted as (
        select agent_id, webhook_id, count(*)::int as count,
          left((array_agg(error order by number desc))[1], 500) as error
        from failed where finished_at >= $1 group by agent_id, webhook_id
      ), off as (
        select w.agent_id, w.id as webhook_id, c.disabled_at from bellwire.callbacks c
        join bellwire.webhooks w on w.id = c.webhook_id
        join bellwire.agents a on a.id = w.agent_id and a.deleted_at is null
        where c.disabled_at is not null
      )
      select agent_id, coalesce(${NAME}, '') as agent_name, webhook_id,
        (select w.name from bellwire.webhooks w where w.id = webhook_id) as webhook_name,
        coalesce(count, 0) as count, error, disabled_at
      from counted full join off using (agent_id, webhook_id)
      order by disabled_at is null, count desc nulls last limit ${MOST_SHOWN}`,
    [since],
  )
  return rows.map((row) => ({ ...row, disabled_at: row.disabled_at?.toISOString() ?? null }))
}

async function readSilent(db: Database): Promise<Attention['silent']> {
  const silent = await readSilentWebhooks(db.pool)
  return silent.slice(0, MOST_SHOWN).map((webhook) => ({
    agent_id: webhook.agentId,
    agent_name: webhook.agent,
    webhook_id: webhook.webhookId,
    webhook_name: webhook.webhook,
    expected_seconds: webhook.expectedSeconds,
    last_at: webhook.lastAt?.toISOString() ?? null,
    silent_seconds: webhook.silentSeconds,
  }))
}

/** Today's use of each agent that has a budget, and of the instance. */
async function readBudgets(db: Database): Promise<Attention['budgets']> {
  const { rows } = await db.pool.query<Attention['budgets'][number]>(
    `with today as materialized (
        select agent_id, sum(cost_usd) as cost, sum(input_tokens + output_tokens) as tokens
        from bellwire.usage_daily where day = ${TODAY} group by agent_id
      ), budgets as (
        select a.id as agent_id, a.name as agent_name, (r.config->'budget')::jsonb as budget, u.cost, u.tokens
        from today u join bellwire.agents a on a.id = u.agent_id and a.deleted_at is null
        join bellwire.agent_revisions r on r.agent_id = a.id and r.revision = a.revision
        union all
        select null, null, (select value::jsonb from bellwire.settings where name = $1), sum(cost), sum(tokens)
        from today
      ), shares as (
        select agent_id, agent_name, greatest(
          cost / nullif((budget->>'max_cost_usd_per_day')::numeric, 0),
          tokens / nullif((budget->>'max_tokens_per_day')::numeric, 0))::float8 as used
        from budgets
      )
      select * from shares where used >= ${NEARLY_USED} order by used desc limit ${MOST_SHOWN}`,
    [BUDGET_SETTING],
  )
  return rows
}
