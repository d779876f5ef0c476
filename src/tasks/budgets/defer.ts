import type pg from 'pg'
import type { Budget } from '../../contract/agent.ts'
import type { Database } from '../../db/database.ts'
import { jsonTime } from '../../db/jsonTime.ts'
import type { Signals } from '../../db/signals.ts'
import { readHead } from '../../queue/queue.ts'
import { BUDGET_SETTING, DAY_END, parseBudget } from './budget.ts'
import { WORK_CHANNEL } from '../follow/channels.ts'
import { releaseFrom } from '../release.ts'
import { isExhausted, isLimited } from './dailyAllowance.ts'
import { addAmounts, NOTHING, readSpending } from './spending.ts'

/** Tasks that one statement defers or releases. */
export const RELEASE_BATCH = 1_000

/** A deferred task whose release was missed for any reason is due this long after the day's end. */
const SPARE_MS = 60_000

/**
 * Defers tasks that have never run, of some agents or of all, until the day ends: their rows in the queue lose their
 * rank, so that they do not block others. Rows locked by others are skipped.
 */
export async function deferTasks(
  tx: pg.PoolClient,
  { agents, instance }: { agents: string[]; instance: boolean },
): Promise<void> {
  if (!instance && agents.length === 0) return
  await tx.query(
    `with due as (
        select task_id from bellwire.queue
        where rank is not null and why = 'accepted' and ($1 or agent_id = any($2::uuid[]))
        order by rank limit ${RELEASE_BATCH} for update skip locked
      ), deferred as (
        update bellwire.queue q
        set rank = null, due_at = ${DAY_END} + interval '${SPARE_MS} ms', why = 'deferred'
        from due d where q.task_id = d.task_id
        returning q.task_id
      ), held as (
        update bellwire.tasks t
        set held = json_build_object('reason', 'budget_exhausted',
            'scope', case when t.agent_id = any($2::uuid[]) then 'agent' else 'instance' end,
            'since', ${jsonTime('now()')}, 'until', ${jsonTime(DAY_END)}),
          last_event = t.last_event + 1
        from deferred d where t.id = d.task_id and t.state = 'PENDING'
        returning t.*
      )
      insert into bellwire.transitions (task_id, event, state, reason, attempt, due_at)
      select id, last_event, state, 'held', attempt, ${DAY_END} from held`,
    [instance, agents],
  )
}

/**
 * Releases tasks whose budget has room again, because it was raised or the day has ended. Each goes to the end of its
 * agent's current queue: tasks deferred for long get no priority.
 *
 * @returns the number of tasks; less than a batch when none are left
 */
export async function releaseDeferred({ db, signals }: { db: Database; signals: Signals }): Promise<number> {
  const holding = await readHolding(db)
  if (holding.length === 0) return 0
  const free = await withRoom(db, holding)
  if (free.length === 0) return 0
  const { rowCount } = await db.pool.query(
    `with due as (
        select q.task_id, q.agent_id from bellwire.queue q
        where q.rank is null and q.why = 'deferred' and q.agent_id = any($1::uuid[])
        order by q.task_id limit ${RELEASE_BATCH} for update skip locked
      ), ${releaseFrom('due', '$2')}`,
    [free, await readHead(db.pool)],
  )
  const released = rowCount ?? 0
  if (released > 0) signals.publish(WORK_CHANNEL, '')
  return released
}

/** Agents with held tasks, and their budgets of today. */
async function readHolding(db: Database): Promise<{ agent_id: string; budget: Budget | null }[]> {
  const { rows } = await db.pool.query<{ agent_id: string; budget: Budget | null }>({
    name: 'held_agents',
    text: `select a.id as agent_id, r.config -> 'budget' as budget
      from (
          select distinct agent_id from bellwire.tasks
          where held is not null and state = 'PENDING' and held ->> 'reason' = 'budget_exhausted'
        ) h
      join bellwire.agents a on a.id = h.agent_id
      join bellwire.agent_revisions r on r.agent_id = a.id and r.revision = a.revision`,
  })
  return rows
}

/** Those of the agents that may start runs again. */
async function withRoom(
  db: Database,
  holding: { agent_id: string; budget: Budget | null }[],
): Promise<string[]> {
  const { rows } = await db.pool.query<{ value: string }>(
    'select value from bellwire.settings where name = $1',
    [BUDGET_SETTING],
  )
  const instance = parseBudget(rows[0]?.value ?? null)
  const agents = holding.map(({ agent_id: id }) => id)
  const spending = await readSpending(db.pool, isLimited(instance) ? undefined : agents)
  const total = [...spending.values()].map(({ today }) => today).reduce(addAmounts, NOTHING)
  if (isExhausted(instance, total)) return []
  return holding
    .filter(({ agent_id: id, budget }) => !isExhausted(budget ?? {}, spending.get(id)?.today ?? NOTHING))
    .map(({ agent_id: id }) => id)
}
