import pg from 'pg'
import type { Database } from '../../db/database.ts'
import type { Chore } from '../chore.ts'

/** Smaller tables are read quickly with any plan. */
const MIN_PAGES = 64

/** How many times its size at the last ANALYZE a table may reach. */
const GROWTH = 4

/**
 * Analyses tables that have grown fourfold since they were last analysed. Until then, prepared statements keep the plan
 * that suited the table when they were first used: on an installation that was empty, ending a task read every waiting
 * task. Autovacuum analyses them too, but only after a burst of many thousand tasks is over.
 */
export function analyzeGrownTables(db: Database): Chore {
  return {
    name: 'statistics',
    everyMs: 1_000,
    async run() {
      const { rows } = await db.pool.query<{ name: string }>({
        name: 'statistics_grown',
        text: `select relname as name from pg_class
          where relnamespace = 'bellwire'::regnamespace and relkind = 'r'
            and pg_relation_size(oid) / current_setting('block_size')::int >= greatest($1, $2 * relpages)`,
        values: [MIN_PAGES, GROWTH],
      })
      for (const { name } of rows) {
        await db.pool.query(`analyze (skip_locked) bellwire.${pg.escapeIdentifier(name)}`)
      }
      return { items: rows.length, more: false }
    },
  }
}
