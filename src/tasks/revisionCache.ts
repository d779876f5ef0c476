import type { AgentConfig } from '../contract/agent.ts'
import type { Database } from '../db/database.ts'
import { createLookupCache } from '../db/lookupCache.ts'
import { readRevision } from './claim.ts'

/** Reads something of a revision of an agent. */
export type OfRevision<Value> = (agentId: string, revision: number) => Promise<Value>

/**
 * Caches what is computed from a revision. Revisions never change, so nothing expires.
 *
 * @param maxEntries beyond this, the least recently used entry is dropped
 */
export function createRevisionCache<Value extends object>(
  db: Database,
  { make, maxEntries }: { make: (config: AgentConfig) => Value; maxEntries: number },
): OfRevision<Value> {
  const cache = createLookupCache<Value>({
    async lookUp(key) {
      const [agentId = '', revision] = key.split(' ')
      return make(await readRevision(db, agentId, Number(revision)))
    },
    maxEntries,
  })
  return async (agentId, revision) => {
    const value = await cache.get(`${agentId} ${revision}`)
    if (value === undefined) throw new Error(`revision ${revision} of agent ${agentId} is missing`)
    return value
  }
}
