import { LRUCache } from 'lru-cache'
import type { Outbound } from './scheme.ts'

/** A document that is not there any more, or cannot be fetched now. */
export type Fetched = { text: string } | 'not found' | 'unavailable'

const KEEP_MS = 3600_000
const FORGET_MISSES_MS = 60_000
const MAX_ENTRIES = 100
const MAX_LENGTH = 65_536
const TIMEOUT_MS = 5_000
/** Forged requests may name many documents: they must not make us a source of requests. */
const MAX_AT_ONCE = 4

type Store = { known: LRUCache<string, { fetched: Fetched }>; underWay: Map<string, Promise<Fetched>> }
const stores = new WeakMap<Outbound, Store>()

/**
 * Fetches a document of a provider, such as a certificate, and keeps it for an hour. The caller has checked that the
 * URL leads to the provider. Never rejects.
 */
export async function fetchDocument(url: string, outbound: Outbound): Promise<Fetched> {
  let store = stores.get(outbound)
  if (!store) {
    store = { known: new LRUCache({ max: MAX_ENTRIES }), underWay: new Map() }
    stores.set(outbound, store)
  }
  const { known, underWay } = store
  const before = known.get(url)
  if (before) return before.fetched
  const running = underWay.get(url)
  if (running) return running
  if (underWay.size >= MAX_AT_ONCE) return 'unavailable'

  const fetching = fetchNow(url, outbound).then((fetched) => {
    underWay.delete(url)
    known.set(url, { fetched }, { ttl: typeof fetched === 'object' ? KEEP_MS : FORGET_MISSES_MS })
    return fetched
  })
  underWay.set(url, fetching)
  return fetching
}

async function fetchNow(url: string, outbound: Outbound): Promise<Fetched> {
  try {
    const response = await outbound.fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    const text = await response.text()
    if (response.status === 404 || response.status === 410) return 'not found'
    return response.ok && text.length <= MAX_LENGTH ? { text } : 'unavailable'
  } catch {
    return 'unavailable'
  }
}
