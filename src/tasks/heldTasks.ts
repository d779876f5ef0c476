import pLimit from 'p-limit'
import type { Database } from '../db/database.ts'
import { isId } from '../db/id.ts'
import type { Signals } from '../db/signals.ts'
import { readHead } from '../queue/queue.ts'
import { cancelTask } from './cancel.ts'
import { queueBehind } from './conversations/queueBehind.ts'
import { WORK_CHANNEL } from './follow/channels.ts'
import { releaseFrom } from './release.ts'

/** Tasks of one statement. */
const BATCH = 500

/** Tasks that are discarded at the same time. */
const AT_ONCE = 4

type Parts = { db: Database; signals: Signals }

/** Tasks of an agent that are held at its webhooks, or at one: all of them, or those with these ids. */
export type HeldAt = { agentId: string; webhookId?: string | undefined; taskIds?: string[] | undefined }

/** How many tasks are held, and since when the oldest. */
export type HeldCount = { count: number; oldestAt: Date }

/** Counts the held tasks of each webhook of an agent; a webhook without any is left out. */
export async function countHeld(db: Database, agentId: string): Promise<Map<string, HeldCount>> {
  const { rows } = await db.pool.query<{ id: string; count: number; oldest: Date }>({
    name: 'held_count',
    text: `select webhook_id as id, count(*)::float8 as count, min(created_at) as oldest from bellwire.tasks
      where agent_id = $1 and ${IS_HELD} group by 1`,
    values: [agentId],
  })
  return new Map(rows.map(({ id, count, oldest }) => [id, { count, oldestAt: oldest }]))
}

/** Held at its webhook until a person releases it. */
export const IS_HELD = `held is not null and state = 'PENDING' and held ->> 'reason' in ('webhook_hold', 'loop_suspected')`

/**
 * The agent of a webhook, or of the tasks that a deleted webhook still holds.
 *
 * @returns undefined when there is neither
 */
export async function findHoldingAgent(db: Database, webhookId: string): Promise<string | undefined> {
  if (!isId(webhookId)) return undefined
  const { rows } = await db.pool.query<{ agentId: string }>(
    `select agent_id as "agentId" from bellwire.webhooks where id = $1
      union all (select agent_id from bellwire.tasks where webhook_id = $1 and ${IS_HELD} limit 1)
      limit 1`,
    [webhookId],
  )
  return rows[0]?.agentId
}

/**
 * Puts held tasks into the queue, the oldest first, behind what waits there already.
 *
 * @returns their ids
 */
export async function releaseHeld({ db, signals }: Parts, held: HeldAt): Promise<string[]> {
  const released: string[] = []
  for (let after: string | null = null; ;) {
    const ids: string[] = await readHeld(db, held, after)
    if (ids.length === 0) return released
    const { rows } = await db.pool.query<{ task_id: string }>(
      `with due as (
          select q.task_id, q.agent_id from bellwire.queue q join bellwire.tasks t on t.id = q.task_id
          where q.task_id = any($1::uuid[]) and q.why = 'held' and t.turn is null
          order by q.task_id for update of q skip locked
        ), ${releaseFrom('due', '$2')} returning q.task_id`,
      [ids, await readHead(db.pool)],
    )
    const behind = await queueBehind({ db, signals }, ids)
    // An update returns its rows in any order; ids are ordered by time.
    released.push(...[...rows.map((row) => row.task_id), ...behind].toSorted())
    if (rows.length > 0) signals.publish(WORK_CHANNEL, '')
    after = ids.at(-1) ?? null
  }
}

/**
 * Cancels held tasks. One that is released at the same time is either released or discarded.
 *
 * @returns the ids of those that this call cancelled
 */
export async function discardHeld(parts: Parts, held: HeldAt): Promise<string[]> {
  const limit = pLimit(AT_ONCE)
  const discarded: string[] = []
  for (let after: string | null = null; ;) {
    const ids: string[] = await readHeld(parts.db, held, after)
    if (ids.length === 0) return discarded
    const outcomes = await limit.map(ids, async (id) => ({
      id,
      ...(await cancelTask(parts, id, { onlyHeld: true })),
    }))
    discarded.push(...outcomes.filter(({ changed }) => changed).map(({ id }) => id))
    after = ids.at(-1) ?? null
  }
}

async function readHeld(
  db: Database,
  { agentId, webhookId, taskIds }: HeldAt,
  after: string | null,
): Promise<string[]> {
  const { rows } = await db.pool.query<{ id: string }>(
    `select id from bellwire.tasks
      where agent_id = $1 and ($2::uuid is null or webhook_id = $2) and ${IS_HELD}
        and ($3::uuid[] is null or id = any($3)) and ($4::uuid is null or id > $4)
      order by id limit ${BATCH}`,
    [agentId, webhookId ?? null, taskIds ?? null, after],
  )
  return rows.map(({ id }) => id)
}
