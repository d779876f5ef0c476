import type { Database } from '../db/database.ts'
import { createLookupCache } from '../db/lookupCache.ts'

/** How long an agent's limit is remembered. */
const REMEMBER_MS = 5_000
const MAX_AGENTS = 10_000

/** Finds `limits.max_pending_tasks` of an agent; undefined without a limit, and when there is no such agent. */
export function createFindMaxPending(db: Database): (agentId: string) => Promise<number | undefined> {
  const cache = createLookupCache({
    async lookUp(agentId) {
      const { rows } = await db.pool.query<{ max: number | null }>({
        name: 'agent_max_pending',
        text: `select (r.config->'limits'->>'max_pending_tasks')::int as max
          from bellwire.agents a
          join bellwire.agent_revisions r on r.agent_id = a.id and r.revision = a.revision
          where a.id = $1`,
        values: [agentId],
      })
      return rows[0]
    },
    ttlMs: REMEMBER_MS,
    maxEntries: MAX_AGENTS,
  })
  return async (agentId) => (await cache.get(agentId))?.max ?? undefined
}
