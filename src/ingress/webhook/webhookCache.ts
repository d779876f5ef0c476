import { LRUCache } from 'lru-cache'
import type { Announcements } from '../../db/announcements.ts'
import { createLookupCache } from '../../db/lookupCache.ts'
import type { WebhookTarget } from '../../webhooks/findTarget.ts'
import type { CompiledWebhook, CompileWebhook } from './compileWebhook.ts'
import type { FindWebhook } from '../receive.ts'

/**
 * How long a webhook is taken to be as it was, in a process that hears of no change. Whether it is still there and
 * enabled, the statement that accepts a task looks up itself.
 */
const REMEMBER_MS = 5_000
const MAX_ENTRIES = 10_000

/** Finds webhooks by a token's hash, and remembers them: compiled once, until they change. */
export function cacheWebhooks({
  find,
  compile,
  changes,
}: {
  find: (hash: Buffer) => Promise<WebhookTarget | undefined>
  compile: CompileWebhook
  /** News that some webhook has changed. */
  changes: Pick<Announcements, 'listen'>
}): FindWebhook {
  const compiled = new LRUCache<string, CompiledWebhook>({ max: MAX_ENTRIES })
  const cache = createLookupCache({
    async lookUp(hash) {
      const target = await find(Buffer.from(hash, 'latin1'))
      return target && compileOnce(target)
    },
    ttlMs: REMEMBER_MS,
    maxEntries: MAX_ENTRIES,
  })
  changes.listen(cache.clear)

  function compileOnce(target: WebhookTarget): CompiledWebhook {
    const known = compiled.get(target.webhookId)
    if (known?.version === target.version && known.maxPending === target.maxPending) return known
    const made = compile(target)
    compiled.set(target.webhookId, made)
    return made
  }

  return (hash) => cache.get(hash.toString('latin1'))
}
