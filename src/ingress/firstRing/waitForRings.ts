import type { Ring } from '../../contract/firstRing.ts'
import type { Signals } from '../../db/signals.ts'
import { RING_CHANNEL } from './recordRings.ts'
import type { Rings } from './rings.ts'

/** A notification may be lost: so long until the next look. */
const LOOK_EVERY_MS = 3_000

/**
 * Reads the requests of a webhook. Without one, or one after `after`, it waits up to `ms` milliseconds for it, or until
 * the signal aborts.
 */
export type WaitForRings = (
  webhookId: string,
  options: { ms: number; after?: string | undefined; signal?: AbortSignal },
) => Promise<Ring[]>

export async function createWaitForRings({
  rings,
  signals,
}: {
  rings: Pick<Rings, 'list'>
  signals: Pick<Signals, 'subscribe'>
}): Promise<WaitForRings> {
  const waiting = new Map<string, Set<() => void>>()
  const wake = (webhookId: string): void => waiting.get(webhookId)?.forEach((resume) => resume())
  await signals.subscribe(RING_CHANNEL, {
    onMessage: wake,
    onGap: () => waiting.forEach((_, webhookId) => wake(webhookId)),
  })

  /** Resolves when something may have come, or the time is up. Listens from the moment that it is called. */
  function news(webhookId: string, ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const listeners = waiting.get(webhookId) ?? new Set()
      waiting.set(webhookId, listeners)
      const done = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        listeners.delete(done)
        if (listeners.size === 0) waiting.delete(webhookId)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done)
      listeners.add(done)
    })
  }

  return async (webhookId, { ms, after = '', signal }) => {
    const end = performance.now() + ms
    for (;;) {
      const left = end - performance.now()
      const mayWait = left > 0 && !signal?.aborted
      // Listen first, then read: a request between the two is not missed.
      const change = mayWait ? news(webhookId, Math.min(left, LOOK_EVERY_MS), signal) : undefined
      const found = await rings.list(webhookId)
      // Ids are in the order of time.
      if (!change || found.some(({ id }) => id > after)) return found
      await change
    }
  }
}
