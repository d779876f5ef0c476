import { createLookupCache } from '../db/lookupCache.ts'
import type { FindWebhook } from './receive.ts'

/** How long a webhook that was enabled is taken to be: the transaction that accepts a task looks again. */
const REMEMBER_MS = 5_000
const MAX_ENTRIES = 10_000

/** Remembers webhooks that are enabled, so that a busy one is not looked up for every request. */
export function cacheWebhooks(find: FindWebhook): FindWebhook {
  const cache = createLookupCache({
    async lookUp(hash) {
      const webhook = await find(Buffer.from(hash, 'latin1'))
      return webhook?.enabled ? webhook : undefined
    },
    ttlMs: REMEMBER_MS,
    maxEntries: MAX_ENTRIES,
  })
  return (hash) => cache.get(hash.toString('latin1'))
}
