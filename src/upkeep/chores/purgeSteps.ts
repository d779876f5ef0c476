import { z } from 'zod'
import type { Database } from '../../db/database.ts'
import { findNeeded } from '../../tasks/replay/neededTasks.ts'
import type { Chore } from '../chore.ts'
import { readExpired } from './readExpired.ts'
import { withRest } from './rest.ts'

/** Tasks in one batch. */
const BATCH = 100

/** Tasks that are remembered because they ended late, or a replay reads from them. When there are more, the purge waits for them. */
const MOST_LATER = 1_000

/** How far the steps of all tasks are purged, in the table of settings: nothing is read twice. */
const SETTING = 'steps_purged'

const Place = z.object({ to: z.string().optional(), later: z.array(z.string()) })
type Place = z.infer<typeof Place>

/**
 * Deletes the inputs and outputs of steps of tasks that ended long ago, and what came to their callback URLs, in order of the tasks' ids. The steps remain
 * with their times and their usage. It works a twentieth of the time, like the purge of tasks.
 *
 * @param days how long they are kept; Infinity: forever
 */
export function purgeSteps(db: Database, { days, batch = BATCH }: { days: number; batch?: number }): Chore {
  async function purgeNext(): Promise<{ items: number; isLast: boolean }> {
    const place = await readPlace()
    const found = await readExpired(db, { days, after: place.to, limit: batch })
    const later = [...place.later, ...found.later]
    const ended = await readEnded(later)
    const expired = [...found.expired, ...ended.expired]
    const needed = await findNeeded(db, expired)
    const waiting = [...later.filter((id) => !ended.all.has(id)), ...needed.keys()]
    if (waiting.length > MOST_LATER) return { items: 0, isLast: true }
    const to = found.last ?? [...found.expired, ...found.later].toSorted().at(-1) ?? place.to
    const free = expired.filter((id) => !needed.has(id))
    const items = await purge(free, {
      ...(to === undefined ? {} : { to }),
      later: waiting,
    })
    return { items, isLast: found.last === undefined }
  }

  async function readPlace(): Promise<Place> {
    const { rows } = await db.pool.query<{ value: string }>(
      'select value from bellwire.settings where name = $1',
      [SETTING],
    )
    return rows[0] ? Place.parse(JSON.parse(rows[0].value)) : { later: [] }
  }

  /** Which tasks have expired by now; `all` includes those that were deleted. */
  async function readEnded(ids: string[]): Promise<{ expired: string[]; all: Set<string> }> {
    if (ids.length === 0) return { expired: [], all: new Set() }
    const { rows } = await db.pool.query<{ id: string; is_expired: boolean }>(
      `select i.id, t.id is not null as is_expired from unnest($2::uuid[]) i(id) left join bellwire.tasks t on t.id = i.id
        where t.id is null or t.finished_at < now() - make_interval(days => $1)`,
      [days, ids],
    )
    return {
      expired: rows.filter((row) => row.is_expired).map(({ id }) => id),
      all: new Set(rows.map(({ id }) => id)),
    }
  }

  /** Purges the steps of tasks, and saves the place: both or nothing. */
  async function purge(taskIds: string[], place: Place): Promise<number> {
    return db.transaction(async (tx) => {
      const { rowCount } = await tx.query(
        `update bellwire.steps set input = null, output = null, purged_at = now()
          where task_id = any($1::uuid[]) and purged_at is null`,
        [taskIds],
      )
      await tx.query(
        'update bellwire.callback_urls set query = null, body = null where task_id = any($1::uuid[])',
        [taskIds],
      )
      await tx.query(
        `insert into bellwire.settings (name, value) values ($1, $2)
          on conflict (name) do update set value = excluded.value`,
        [SETTING, JSON.stringify(place)],
      )
      return rowCount ?? 0
    })
  }

  return {
    name: 'purge_steps',
    everyMs: 600_000,
    async run(signal) {
      if (days === Infinity) return { items: 0, more: false }
      for (;;) {
        const { items, isLast } = await withRest(purgeNext, signal)
        if (items > 0 || isLast || signal.aborted) return { items, more: !isLast }
      }
    },
  }
}
