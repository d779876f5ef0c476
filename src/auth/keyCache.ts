/**
 * Remembers for a short while what keys stand for. Keys that stand for nothing are not remembered, so that a
 * new key works at once and guesses take no room.
 */
export type KeyCache<Value> = {
  /** The remembered value, or what `find` gives; callers with the same key share one `find`. */
  get(key: string, find: () => Promise<Value | undefined>): Promise<Value | undefined>
  /** Forgets what fits, also what is being looked up just now. */
  forget(fits: (value: Value) => boolean): void
}

type Entry<Value> = { value: Value; until: number }

export function createKeyCache<Value>({
  rememberMs,
  maxKeys,
  now,
}: {
  rememberMs: number
  maxKeys: number
  now: () => number
}): KeyCache<Value> {
  const entries = new Map<string, Entry<Value>>()
  const searches = new Map<string, Promise<Value | undefined>>()
  /** Counts the calls of `forget`: a search that began before one must not be remembered after it. */
  let era = 0

  async function search(key: string, find: () => Promise<Value | undefined>): Promise<Value | undefined> {
    const begun = era
    try {
      const value = await find()
      if (value !== undefined && begun === era) remember(key, value)
      return value
    } finally {
      if (begun === era) searches.delete(key)
    }
  }

  function remember(key: string, value: Value): void {
    entries.delete(key)
    const [oldest] = entries.keys()
    if (entries.size >= maxKeys && oldest !== undefined) entries.delete(oldest)
    entries.set(key, { value, until: now() + rememberMs })
  }

  return {
    async get(key, find) {
      const entry = entries.get(key)
      if (entry && entry.until > now()) return entry.value
      let searching = searches.get(key)
      if (!searching) searches.set(key, (searching = search(key, find)))
      return searching
    },

    forget(fits) {
      era += 1
      searches.clear()
      for (const [key, { value }] of entries) if (fits(value)) entries.delete(key)
    },
  }
}
