import { createLookupCache } from '../db/lookupCache.ts'
import type { FindWebhook } from './receive.ts'

/** How long a webhook is assumed to be enabled: the transaction that accepts a task checks again. */
const REMEMBER_MS = 5_000
const MAX_ENTRIES = 10_000

/** Caches enabled webhooks, so that a busy one is not looked up for every request. */
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
