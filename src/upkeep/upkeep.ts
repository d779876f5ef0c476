import { repeat } from '../db/repeat.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { aborted } from './aborted.ts'
import type { Chore } from './chore.ts'
import { startLeadership, type Term } from './leadership.ts'
import { createUpkeepMetrics } from './upkeepMetrics.ts'

export type Upkeep = {
  /** Starts no more batches, waits for those in progress, and lets another process lead. Can be called twice. */
  stop(): Promise<void>
}

/**
 * Does the chores while this process is the leader: each at its own interval and concurrently with the others, in
 * batches until one is not full. Every process on the database may start it; one at a time does the work.
 *
 * @param url a direct connection, or a pooler in session mode
 */
export function startUpkeep({
  url,
  chores,
  metrics,
  log,
}: {
  url: string
  chores: readonly Chore[]
  metrics: Metrics
  log: Log
}): Upkeep {
  const count = createUpkeepMetrics(metrics)

  async function lead(term: Term): Promise<void> {
    log.info('this process is now the upkeep leader')
    const repetitions = chores.map((chore) =>
      repeat(() => run(chore, term), {
        everyMs: chore.everyMs,
        jitter: 0.1,
        onError(error) {
          count.failed(chore.name)
          log.warn({ err: error, chore: chore.name }, 'a chore failed; it will be retried')
        },
      }),
    )
    await aborted(term.signal)
    await Promise.all(repetitions.map((repetition) => repetition.stop()))
    log.info('this process is no longer the upkeep leader')
  }

  /** Runs batches until one is not full. A batch that handled nothing never counts as full. */
  async function run(chore: Chore, { signal, isHeld }: Term): Promise<void> {
    while (isHeld()) {
      const { items, more } = await chore.run(signal)
      count.handled(chore.name, items)
      if (!more || items === 0) return count.ran(chore.name)
    }
  }

  return startLeadership({
    url,
    lead,
    onError: (error) => log.warn({ err: error }, 'upkeep has no database session; retrying'),
  })
}
