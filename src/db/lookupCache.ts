import { LRUCache } from 'lru-cache'

/** Caches lookups, so that a busy key is not looked up for every request. */
export type LookupCache<Value> = {
  /**
   * The cached value, or a new lookup; callers with the same key share one lookup. A missing value is not cached, so
   * that a new entry counts at once and guesses use no memory; nor is a failure.
   */
  get(key: string): Promise<Value | undefined>
  /** Clears everything, including lookups in progress: callers waiting for those get a fresh value. */
  clear(): void
}

/** Lookups invalidated by `clear` are repeated, and after this many times bypass the cache. */
const MAX_TRIES = 3

/**
 * @param options.ttlMs how long a value is cached; by default, as long as there is room
 * @param options.maxEntries beyond it the least recently used entry is dropped
 * @param options.now milliseconds of a monotonic clock: with a clock that is set back, values would be kept longer
 */
export function createLookupCache<Value extends object>({
  lookUp,
  ttlMs,
  maxEntries,
  now = () => performance.now(),
}: {
  lookUp: (key: string) => Promise<Value | undefined>
  ttlMs?: number
  maxEntries: number
  now?: () => number
}): LookupCache<Value> {
  const values = new LRUCache<string, Value>({
    max: maxEntries,
    ...(ttlMs === undefined ? {} : { ttl: ttlMs, ttlResolution: 0, perf: { now } }),
  })
  // Separate from the values: lookups of unknown keys must not evict entries that are in use.
  let searches = new Map<string, Promise<Value | undefined>>()

  async function search(key: string): Promise<Value | undefined> {
    const ours = searches
    try {
      const value = await lookUp(key)
      if (value !== undefined && ours === searches) values.set(key, value)
      return value
    } finally {
      ours.delete(key)
    }
  }

  return {
    async get(key) {
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        const value = values.get(key)
        if (value !== undefined) return value
        const ours = searches
        let searching = ours.get(key)
        if (!searching) ours.set(key, (searching = search(key)))
        const found = await searching
        if (ours === searches) return found
      }
      return lookUp(key)
    },

    clear() {
      values.clear()
      searches = new Map()
    },
  }
}
