import pg from 'pg'
import type { Database } from '../../db/database.ts'
import type { Chore } from '../chore.ts'

/** Smaller tables are read as a whole in no time, whatever the planner knows about them. */
const MIN_PAGES = 64

/** How many times its size at the last ANALYZE a table may have. */
const GROWTH = 4

/**
 * Analyses tables that have grown several times over since they were last analysed. Prepared statements keep the plan
 * that suited the table when they were first used, until it is analysed: those of an empty installation read every
 * waiting task to end one. Autovacuum comes to the same result, but a burst of many thousand tasks is over before it.
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
