import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from './random.ts'

/** Another system that received a callback URL: it calls it once, and repeats the call until it is acknowledged. */
export type Caller = {
  /** Markers of tasks whose URL was called successfully. */
  acknowledged: Set<string>
  stop(): Promise<void>
}

const PATIENCE_MS = 5_000
const PAUSE_MS = 200

/** The body of a call for the task with this marker. */
export function callOf(marker: string): { said: string } {
  return { said: `call of ${marker}.` }
}

/**
 * Calls the URLs that tasks create, some immediately and some after a while: before the run waits, or after.
 *
 * @param urls by marker; more are added while this runs
 * @param origin where the front door is
 */
export function startCaller({
  urls,
  origin,
  random,
}: {
  urls: ReadonlyMap<string, string>
  origin: string
  random: Random
}): Caller {
  const acknowledged = new Set<string>()
  const begun = new Set<string>()
  const calls = new Set<Promise<void>>()
  const stopping = new AbortController()
  const loop = watch()

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      for (const [marker, url] of urls) {
        if (begun.has(marker)) continue
        begun.add(marker)
        const call = callUntilHeard(marker, url)
        calls.add(call)
        void call.finally(() => calls.delete(call))
      }
      await pause(20)
    }
  }

  async function callUntilHeard(marker: string, url: string): Promise<void> {
    if (random.chance(0.7)) await pause(random.between(50, 800))
    while (!stopping.signal.aborted) {
      const response = await fetch(url.replace(/^https?:\/\/[^/]+/, origin), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(callOf(marker)),
        signal: AbortSignal.timeout(PATIENCE_MS),
      }).catch(() => undefined)
      await response?.body?.cancel()
      if (response?.status === 200) return void acknowledged.add(marker)
      await pause(PAUSE_MS)
    }
  }

  function pause(ms: number): Promise<void> {
    return delay(ms, undefined, { signal: stopping.signal }).catch(() => undefined)
  }

  return {
    acknowledged,
    async stop() {
      stopping.abort()
      await Promise.all([loop, ...calls])
    },
  }
}
