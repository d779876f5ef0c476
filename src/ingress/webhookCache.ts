import type { FindWebhook } from './receive.ts'

/** How long a webhook that stood is taken to stand: the transaction that accepts a task looks again. */
const REMEMBER_MS = 5_000
const MAX_ENTRIES = 10_000

/** Remembers webhooks that may be used, so that a busy one is not looked up for every request. */
export function cacheWebhooks(find: FindWebhook, now: () => number = Date.now): FindWebhook {
  const cache = new Map<string, { until: number; webhook: ReturnType<FindWebhook> }>()

  return async (hash) => {
    const key = hash.toString('latin1')
    const known = cache.get(key)
    if (known && known.until > now()) return known.webhook
    if (cache.size >= MAX_ENTRIES) cache.clear()
    const webhook = find(hash)
    cache.set(key, { until: now() + REMEMBER_MS, webhook })
    try {
      const found = await webhook
      if (!found?.enabled) cache.delete(key)
      return found
    } catch (error) {
      cache.delete(key)
      throw error
    }
  }
}
