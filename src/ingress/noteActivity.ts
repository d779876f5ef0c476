import type { Database } from '../db/database.ts'
import { repeat } from '../db/repeat.ts'
import type { Log } from '../telemetry/log.ts'
import type { Arrival } from './arrival.ts'
import type { Outcome } from './outcome.ts'

/** How often it is written which webhooks have received a request. */
const WRITE_EVERY_MS = 5_000

/** Notes that webhooks have received a request, for those that say how often they expect one. */
export type NoteActivity = {
  note(arrival: Arrival, outcome: Outcome): void
  /** Writes what is not yet written. Safe twice. */
  stop(): Promise<void>
}

/**
 * What was verified counts, whether it started a task or not: its sender is alive. A request costs one entry in a set;
 * the table is written every few seconds, by a statement of its own.
 */
export function createNoteActivity({ db, log }: { db: Database; log: Log }): NoteActivity {
  let active = new Map<string, number>()

  async function write(): Promise<void> {
    if (active.size === 0) return
    const seen = active
    active = new Map()
    try {
      await writeActivity(db, seen)
    } catch (error) {
      for (const [id, at] of seen) active.set(id, Math.max(at, active.get(id) ?? 0))
      throw error
    }
  }

  const writing = repeat(write, {
    everyMs: WRITE_EVERY_MS,
    jitter: 0.1,
    onError: (error) => log.warn({ err: error }, 'the activity of webhooks could not be written; retrying'),
  })
  let stopping: Promise<void> | undefined

  return {
    note({ webhook }, outcome) {
      if (webhook.options.expect_every === undefined) return
      if (outcome.kind === 'rejected' || outcome.kind === 'answered') return
      active.set(webhook.id, performance.now())
    },
    stop: () =>
      (stopping ??= (async () => {
        await writing.stop()
        await write().catch(() => undefined)
      })()),
  }
}

/** Ages rather than times are sent: the database's clock counts. */
async function writeActivity(db: Database, seen: ReadonlyMap<string, number>): Promise<void> {
  const now = performance.now()
  const ids = [...seen.keys()].toSorted()
  await db.pool.query({
    name: 'activity_write',
    text: `insert into bellwire.webhook_activity as a (webhook_id, last_at)
      select i.id, now() - make_interval(secs => i.age)
      from unnest($1::uuid[], $2::float8[]) as i(id, age) join bellwire.webhooks w on w.id = i.id
      on conflict (webhook_id) do update set last_at = greatest(a.last_at, excluded.last_at)`,
    values: [ids, ids.map((id) => (now - (seen.get(id) ?? now)) / 1000)],
  })
}
