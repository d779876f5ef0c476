import type pg from 'pg'
import type { Budget } from '../../contract/agent.ts'
import type { Held } from '../../contract/task.ts'
import type { Database } from '../../db/database.ts'
import type { Signals } from '../../db/signals.ts'
import type { RunQueue } from '../../queue/queue.ts'
import { BUDGET_SETTING, DAY_END, parseBudget } from './budget.ts'
import { WORK_CHANNEL } from '../follow/channels.ts'
import { isExhausted, isLimited } from './dailyAllowance.ts'
import { addAmounts, NOTHING, readSpending } from './spending.ts'

/** Tasks that one transaction holds, or releases. */
const BATCH = 1_000

/** A held task whose release was missed, for whatever reason, comes by itself so long after the day's end. */
const SPARE_MS = 60_000

type Waiting = { id: string; job_id: string; agent_id: string; interactive: boolean; rank: number }

/**
 * Holds tasks that have never run, of agents or of all, until the day ends: their jobs are put off, so that they
 * do not stand in the way of others. Jobs that somebody else has hold of are left to them.
 */
export async function deferTasks(
  tx: pg.PoolClient,
  queue: RunQueue,
  { agents, instance }: { agents: string[]; instance: boolean },
): Promise<void> {
  if (!instance && agents.length === 0) return
  const { rows } = await tx.query<Waiting & { until: Date }>(
    `select id, job_id, agent_id, interactive, rank, ${DAY_END} as until from bellwire.tasks
      where worker_id is null and state = 'PENDING' and attempt = 0 and held is null
        and ($1::uuid[] is null or agent_id = any($1))
      order by id limit ${BATCH}`,
    [instance ? null : agents],
  )
  const moved = await reschedule(tx, queue, rows, ({ until }) => ({ at: until.getTime() + SPARE_MS }))
  const own = new Set(agents)
  await tx.query(
    `with held as (
        update bellwire.tasks t
        set held = json_build_object('reason', 'budget_exhausted', 'scope', i.scope,
            'since', ${jsonTime('now()')}, 'until', ${jsonTime(DAY_END)}),
          last_event = t.last_event + 1
        from unnest($1::uuid[], $2::uuid[], $3::text[]) as i(id, job_id, scope)
        where t.id = i.id and t.job_id = i.job_id and t.state = 'PENDING' and t.worker_id is null
        returning t.*
      )
      insert into bellwire.transitions (task_id, event, state, reason, attempt, due_at)
      select id, last_event, state, 'held', attempt, ${DAY_END} from held`,
    [
      moved.map((row) => row.id),
      moved.map((row) => row.job_id),
      moved.map((row): Held['scope'] => (own.has(row.agent_id) ? 'agent' : 'instance')),
    ],
  )
}

/**
 * Releases tasks whose budget has room again, because it was raised or the day has ended. Each goes to the end
 * of its agent's queue as that stands now: tasks that were held long come back without a privilege.
 *
 * @returns how many there were
 */
export async function releaseDeferred({
  db,
  queue,
  signals,
}: {
  db: Database
  queue: RunQueue
  signals: Signals
}): Promise<number> {
  const holding = await readHolding(db)
  if (holding.length === 0) return 0
  const free = await withRoom(db, holding)
  if (free.length === 0) return 0
  const head = (await queue.headRank()) ?? 0

  const released = await db.transaction(async (tx) => {
    // One worker at a time: they would all release the same ones.
    const { rows: locks } = await tx.query<{ taken: boolean }>(
      `select pg_try_advisory_xact_lock(hashtextextended('release of held tasks', 0)) as taken`,
    )
    if (!locks[0]?.taken) return 0
    const { rows } = await tx.query<Waiting>(
      `select id, job_id, agent_id, interactive,
          ($2 + row_number() over (partition by agent_id order by rank, id) - 1)::int as rank
        from (
          select * from bellwire.tasks where held is not null and state = 'PENDING' and agent_id = any($1::uuid[])
          order by id limit ${BATCH}
        ) t`,
      [free, head],
    )
    const moved = await reschedule(tx, queue, rows, () => ({ at: 0 }))
    const { rowCount } = await tx.query(
      `with released as (
          update bellwire.tasks t set held = null, rank = i.rank, last_event = t.last_event + 1
          from unnest($1::uuid[], $2::uuid[], $3::int[]) as i(id, job_id, rank)
          where t.id = i.id and t.job_id = i.job_id and t.state = 'PENDING' and t.worker_id is null
          returning t.*
        )
        insert into bellwire.transitions (task_id, event, state, reason, attempt)
        select id, last_event, state, 'released', attempt from released`,
      [moved.map((row) => row.id), moved.map((row) => row.job_id), moved.map((row) => row.rank)],
    )
    return rowCount ?? 0
  })
  if (released > 0) signals.publish(WORK_CHANNEL, '')
  return released
}

/** Agents with held tasks, and their budgets of today. */
async function readHolding(db: Database): Promise<{ agent_id: string; budget: Budget | null }[]> {
  const { rows } = await db.pool.query<{ agent_id: string; budget: Budget | null }>({
    name: 'held_agents',
    text: `select a.id as agent_id, r.config -> 'budget' as budget
      from (select distinct agent_id from bellwire.tasks where held is not null and state = 'PENDING') h
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

/** Moves the jobs of tasks, and gives the tasks whose job was still waiting. */
async function reschedule<Row extends Waiting>(
  tx: pg.PoolClient,
  queue: RunQueue,
  rows: Row[],
  when: (row: Row) => { at: number },
): Promise<Row[]> {
  const jobs = rows.map((row) => ({
    id: row.job_id,
    interactive: row.interactive,
    rank: row.rank,
    startAfter: new Date(when(row).at),
  }))
  const moved = new Set(await queue.reschedule(tx, jobs))
  return rows.filter((row) => moved.has(row.job_id))
}

/** An instant as our JSON writes it. */
function jsonTime(instant: string): string {
  return `to_char(${instant} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}
