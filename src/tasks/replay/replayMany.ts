import type pg from 'pg'
import type { ReplayFilter } from '../../contract/replay.ts'
import type { Database } from '../../db/database.ts'
import { idAt } from '../../db/id.ts'
import { onlyRow } from '../../db/onlyRow.ts'
import { retryOnConflict } from '../../db/retryOnConflict.ts'
import { BellwireError, type ErrorCode } from '../../errors.ts'
import type { RequestOptions, WriteReplay } from './writeReplay.ts'
import { jsonText } from '../../db/jsonText.ts'

/** Which tasks are replayed: `limit` of them at most. */
export type ReplaySelection = { filter: ReplayFilter; limit: number }

export type ReplayedMany = {
  /** The new tasks, in the order of the old ones. */
  taskIds: string[]
  /** Tasks that match and cannot be replayed. */
  skipped: { taskId: string; code: ErrorCode; detail: string }[]
  /** Other tasks match that have not been replayed. */
  more: boolean
}

/** Tasks of one transaction. */
const BATCH = 50

/** Skipped tasks that are listed. */
const MAX_SKIPPED = 100

/** How far the clock that made an id may be from that of the database. */
const CLOCK_MS = 3_600_000

/**
 * Replays the tasks that match a filter, oldest first, in batches. Tasks that have a replay are left out: it matches in
 * their place when it fails, too. With a request key, a repeated request goes on where the earlier one was interrupted.
 */
export async function replayMany(
  { db, write }: { db: Database; write: WriteReplay },
  { filter, limit }: ReplaySelection,
  options: RequestOptions,
): Promise<ReplayedMany> {
  const made = await findMade(db, options.requestKey)
  const { taskIds } = made
  // Tasks that the request itself made never match it, nor do later ones. Ids cannot be used for this, because other
  // processes make them by their own clocks.
  const before = made.before ?? (await readTime(db))
  const skipped: ReplayedMany['skipped'] = []
  let after = idAt(filter.since === undefined ? 0 : Date.parse(filter.since) - CLOCK_MS)
  let isFull = true
  while (isFull && taskIds.length < limit) {
    const size = Math.min(BATCH, limit - taskIds.length)
    const batch = await retryOnConflict(() =>
      db.transaction((tx) => replayBatch(tx, { filter, after, before, size })),
    )
    taskIds.push(...batch.made)
    skipped.push(...batch.skipped.slice(0, MAX_SKIPPED - skipped.length))
    after = batch.last ?? after
    isFull = batch.found === size
  }
  const more = isFull && (await findMatching(db.pool, { filter, after, before, size: 1 })).length > 0
  return { taskIds, skipped, more }

  async function replayBatch(tx: pg.PoolClient, range: Range) {
    // One after the other: both would find the same tasks.
    await tx.query(`select pg_advisory_xact_lock(hashtext('bellwire.replays'))`)
    const ids = await findMatching(tx, range)
    const made: string[] = []
    const refused: ReplayedMany['skipped'] = []
    for (const id of ids) {
      try {
        made.push((await write(tx, id, options)).taskId)
      } catch (error) {
        // Thrown before anything is written.
        if (!(error instanceof BellwireError)) throw error
        refused.push({ taskId: id, code: error.code, detail: error.message })
      }
    }
    return { made, skipped: refused, found: ids.length, last: ids.at(-1) }
  }
}

/** `after` is an id; `before` is a time, as text with all its digits. */
type Range = { filter: ReplayFilter; after: string; before: string; size: number }

/** Tasks of a range that match and have no replay, oldest first. */
async function findMatching(
  db: Pick<pg.ClientBase, 'query'>,
  { filter, after, before, size }: Range,
): Promise<string[]> {
  const { state, error_code: code, agent_id: agent, webhook_id: webhook, since, until } = filter
  // In the statement, not as a parameter, and in the order of the index: see listStatement.ts.
  const states = [state]
    .flat()
    .map((one) => `'${one}'`)
    .join(', ')
  const { rows } = await db.query<{ id: string }>({
    text: `select t.id from bellwire.tasks t
      where t.state in (${states}) and t.worker_id is null and t.origin <> 'rehearsal' and t.id > $1
        and t.created_at < $2::timestamptz
        and ($3::text is null or ${jsonText('t.error', 'code')} = $3)
        and ($4::uuid is null or t.agent_id = $4)
        and ($5::uuid is null or t.webhook_id = $5)
        and ($6::timestamptz is null or t.created_at >= $6)
        and ($7::timestamptz is null or t.created_at < $7)
        and not exists (select 1 from bellwire.replays r where r.replay_of = t.id)
      order by t.worker_id, t.id limit $8`,
    values: [after, before, code ?? null, agent ?? null, webhook ?? null, since ?? null, until ?? null, size],
  })
  return rows.map(({ id }) => id)
}

/** The tasks that earlier requests with the same key have made, in order, and when the first of them was. */
async function findMade(
  db: Database,
  requestKey: string | undefined,
): Promise<{ taskIds: string[]; before: string | undefined }> {
  if (requestKey === undefined) return { taskIds: [], before: undefined }
  const { rows } = await db.pool.query<{ task_id: string; began: string | null }>(
    `select r.task_id, min(t.created_at) over ()::text as began
      from bellwire.replays r left join bellwire.tasks t on t.id = r.task_id
      where r.request_key = $1 order by r.replay_of`,
    [requestKey],
  )
  return { taskIds: rows.map((row) => row.task_id), before: rows[0]?.began ?? undefined }
}

/** The time of the database as text, because a JavaScript date has no microseconds. */
async function readTime(db: Database): Promise<string> {
  return onlyRow(await db.pool.query<{ now: string }>('select now()::text as now')).now
}
