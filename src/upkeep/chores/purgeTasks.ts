import type { Database } from '../../db/database.ts'
import { deleteTasks } from '../../tasks/deleteTasks.ts'
import type { Chore } from '../chore.ts'
import { readExpired, type Expiry } from './readExpired.ts'
import { withRest } from './rest.ts'

const BATCH = 200

/**
 * Deletes tasks that ended long ago with everything that belongs to them, in order of their ids: first those of agents
 * that have a time of their own (`keep_days`), then those of all others. It works a twentieth of the time, so that
 * accepts and runs do not notice it: a full round takes as long as it takes.
 *
 * @param days how long tasks are kept; Infinity: forever
 */
export function purgeTasks(db: Database, { days, batch = BATCH }: { days: number; batch?: number }): Chore {
  let round: AsyncGenerator<number> | undefined
  let stopped: AbortSignal

  async function* purge(): AsyncGenerator<number> {
    for (const expiry of await readExpiries(db, days)) {
      for (let after: string | undefined; !stopped.aborted;) {
        const found = await withRest(async () => {
          const read = await readExpired(db, { ...expiry, after, limit: batch })
          const gone = await deleteTasks(db, read.expired)
          return { ...read, deleted: gone.length }
        }, stopped)
        if (found.deleted > 0) yield found.deleted
        if (found.last === undefined) break
        after = found.last
      }
    }
    await deleteEmptyRehearsals(db)
  }

  return {
    name: 'purge_tasks',
    everyMs: 600_000,
    async run(signal) {
      stopped = signal
      round ??= purge()
      const next = await round.next()
      if (!next.done) return { items: next.value, more: true }
      round = undefined
      return { items: 0, more: false }
    },
  }
}

/** A rehearsal is kept as long as one of its tasks. */
async function deleteEmptyRehearsals(db: Database): Promise<void> {
  await db.pool.query(
    `delete from bellwire.rehearsals r where created_at < now() - interval '1 hour'
      and not exists (select from bellwire.rehearsed_tasks e where e.rehearsal_id = r.id)`,
  )
}

/** Which tasks expire when: agents with a time of their own, then all others. */
async function readExpiries(db: Database, days: number): Promise<Expiry[]> {
  const { rows } = await db.pool.query<{ id: string; days: number }>(
    `select a.id, (r.config->>'keep_days')::int as days from bellwire.agents a
      join bellwire.agent_revisions r on r.agent_id = a.id and r.revision = a.revision
      where r.config->>'keep_days' is not null order by a.id`,
  )
  return [
    ...rows.map((agent) => ({ days: agent.days, agentId: agent.id })),
    ...(days === Infinity ? [] : [{ days, except: rows.map(({ id }) => id) }]),
  ]
}
