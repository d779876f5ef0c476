/**
 * Creates values by key, and keeps the most recently used. For values that are created synchronously; not a lookup
 * cache.
 */
export function keepLatest<T>(max: number, make: (key: string) => T): (key: string) => T {
  const kept = new Map<string, T>()
  return (key) => {
    const value = kept.get(key) ?? make(key)
    kept.delete(key)
    kept.set(key, value)
    const oldest = kept.keys().next().value
    if (kept.size > max && oldest !== undefined) kept.delete(oldest)
    return value
  }
}
