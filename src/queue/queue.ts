import type pg from 'pg'
import type { Queryable } from '../db/database.ts'
import { BANDS, resumedRank, type Band } from './rank.ts'

/**
 * The queue is the table `bellwire.queue`: one row for each task that is due now or later. A claim deletes the row, so
 * a task is in the queue, or held by a worker, or has ended. `rank` is its place in the order; null until it is due
 * (`due_at`). `why` is the reason why it was queued.
 */
export type Why =
  | 'accepted'
  | 'retry'
  | 'handed_back'
  /** Its run ended just when a request joined it: it goes on. */
  | 'joined'
  | 'worker_lost'
  | 'requeued'
  | 'approval_decided'
  | 'approval_expired'
  | 'callback_received'
  | 'callback_timed_out'
  /** The task waits for a person or a callback; the wait ends when this row is due. */
  | 'approval_expires'
  /** The daily budget is used up. */
  | 'deferred'
  /** Its request asked for a later start. */
  | 'delayed'
  /** Held at its webhook: never due, until a person releases it. */
  | 'held'
  /** An earlier task of its conversation has not ended: due when it has. */
  | 'conversation'
  /** Other requests may join it until this row is due. */
  | 'coalescing'
  /** Its workers died again and again: never due, it is run alone in a process of its own. */
  | 'suspect'

/** A row that is due, locked by the transaction that found it. */
export type DueRow = { task_id: string; agent_id: string; rank: number; why: Why }

export type DueOptions = {
  limit: number
  /** For interactive tasks, which also count towards `limit`; the same by default. */
  interactiveLimit?: number
  exceptAgents?: string[]
  onlyInteractive?: boolean
  /** Where to start in each band; from its beginning by default. */
  from?: Partial<Record<keyof typeof BANDS, number>>
}

/**
 * Finds and locks up to `limit` due rows, in order; rows locked by others are skipped. Each band is a scan of its own,
 * so that each can start where it last found something: rows deleted while an old transaction is open stay visible to a
 * scan that starts before them.
 *
 * @returns the common table expressions (`due` holds the rows), and their parameters
 */
export function dueRows({
  limit,
  interactiveLimit = limit,
  exceptAgents = [],
  onlyInteractive = false,
  from = {},
}: DueOptions): { ctes: string; values: unknown[] } {
  const starts = {
    interactive: from.interactive ?? BANDS.interactive.start,
    resumed: from.resumed ?? BANDS.resumed.start,
    fresh: from.fresh ?? BANDS.fresh.start,
  }
  const values = [interactiveLimit, exceptAgents, starts.interactive]
  const interactive = scan(BANDS.interactive, 3, '$1::int')
  if (onlyInteractive) return { ctes: `due as materialized (${interactive})`, values }
  const rest = (...before: string[]): string =>
    `greatest(0, ${['$6::int', ...before.map((name) => `(select count(*) from ${name})`)].join(' - ')})`
  return {
    ctes: `interactive as materialized (${interactive}),
      resumed as materialized (${scan(BANDS.resumed, 4, rest('interactive'))}),
      fresh as materialized (${scan(BANDS.fresh, 5, rest('interactive', 'resumed'))}),
      due as (select * from interactive union all select * from resumed union all select * from fresh)`,
    values: [...values, starts.resumed, starts.fresh, limit],
  }
}

function scan({ end }: Band, start: number, limit: string): string {
  return `select task_id, agent_id, rank, why from bellwire.queue
    where rank >= $${start}::bigint and rank < ${end} and agent_id <> all($2::uuid[])
    order by rank limit ${limit} for update skip locked`
}

/**
 * SQL that queues tasks that continue.
 *
 * @param from the name of a relation of tasks with `id`, `agent_id` and `interactive`
 * @param dueIn SQL of an interval after which they are due; immediately if zero
 */
export function resumeFrom(from: string, why: string, dueIn: string): string {
  return `insert into bellwire.queue (task_id, agent_id, rank, due_at, why)
    select r.id, r.agent_id, case when ${dueIn} > interval '0' then null else ${resumedRank('r.interactive')} end,
      now() + greatest(${dueIn}, interval '0'), ${why}
    from ${from} r`
}

/**
 * Assigns a rank to rows that have become due. Those that end a wait, a delay or the window of a burst are left out:
 * their tasks must be changed with them.
 *
 * @returns the number of rows
 */
export async function promoteDue(db: Queryable, limit: number): Promise<number> {
  const { rowCount } = await db.query({
    name: 'queue_promote',
    text: `update bellwire.queue q set rank = ${resumedRank('t.interactive')}
      from (
          select task_id from bellwire.queue
          where rank is null and due_at <= now() and why not in ('approval_expires', 'delayed', 'coalescing')
          order by due_at limit $1 for update skip locked
        ) d join bellwire.tasks t on t.id = d.task_id
      where q.task_id = d.task_id`,
    values: [limit],
  })
  return rowCount ?? 0
}

/** Takes tasks out of the queue, inside the caller's transaction. */
export async function removeFromQueue(tx: pg.PoolClient, taskIds: string[]): Promise<void> {
  await tx.query({
    name: 'queue_remove',
    text: 'delete from bellwire.queue where task_id = any($1::uuid[])',
    values: [taskIds],
  })
}

/** The number of tasks due now or later, and for how many seconds the oldest has been due. */
export async function queueDepth(db: Queryable): Promise<{ due: number; later: number; seconds: number }> {
  const { rows } = await db.query<{ due: number; later: number; seconds: number }>({
    name: 'queue_depth',
    text: `select count(*) filter (where rank is not null)::float8 as due,
        count(*) filter (where rank is null)::float8 as later,
        greatest(0, coalesce(extract(epoch from now() - min(due_at) filter (where rank is not null)), 0))::float8
          as seconds
      from bellwire.queue`,
  })
  return rows[0] ?? { due: 0, later: 0, seconds: 0 }
}

/**
 * Reads the place of the next task that has not started; for an empty queue, the place behind everything that was ever
 * claimed.
 *
 * @param from the previous result: places only grow
 */
export async function readHead(db: Queryable, from = 0): Promise<number> {
  const { rows } = await db.query<{ head: number }>({
    name: 'queue_head',
    text: `select coalesce(
        (select rank from bellwire.queue where rank >= $1::bigint order by rank limit 1),
        (select last_value + 1 from bellwire.queue_head)
      )::float8 as head`,
    values: [from],
  })
  return rows[0]?.head ?? from
}

/**
 * Records the highest rank claimed. A sequence, because it is updated in place: a row would leave a dead version behind
 * with every update.
 */
export async function advanceHead(db: Queryable, place: number): Promise<void> {
  await db.query({
    name: 'queue_advance_head',
    text: `select setval('bellwire.queue_head', $1::bigint) from bellwire.queue_head where last_value < $1::bigint`,
    values: [place],
  })
}
