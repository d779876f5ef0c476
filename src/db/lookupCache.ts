import { LRUCache } from 'lru-cache'

/** Remembers for a short while what was looked up, so that a busy key is not looked up for every request. */
export type LookupCache<Value> = {
  /**
   * The remembered value, or what is found now; callers with the same key share one look-up. What is not there is
   * not remembered, so that a new entry counts at once and guesses take no room; nor is a failure.
   */
  get(key: string): Promise<Value | undefined>
  /** Forgets everything, also what is being looked up just now: whoever waits for that gets a fresh answer. */
  clear(): void
}

/** Look-ups that were overtaken by `clear` are made anew, and after so many times go past the cache. */
const MAX_TRIES = 3

/**
 * @param options.ttlMs how long a value is remembered
 * @param options.maxEntries beyond it the one that was used least recently is dropped
 */
export function createLookupCache<Value extends object>({
  lookUp,
  ttlMs,
  maxEntries,
  now = Date.now,
}: {
  lookUp: (key: string) => Promise<Value | undefined>
  ttlMs: number
  maxEntries: number
  now?: () => number
}): LookupCache<Value> {
  const values = new LRUCache<string, Value>({
    max: maxEntries,
    ttl: ttlMs,
    ttlResolution: 0,
    perf: { now },
  })
  // Apart from the values: look-ups of keys that nobody knows must not push out those that are in use.
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
