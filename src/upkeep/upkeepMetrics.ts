import type { Metrics } from '../telemetry/metrics.ts'

/** Records metrics of this process's chores. */
export type UpkeepMetrics = {
  /** A chore has run until a batch was not full. */
  ran(chore: string): void
  failed(chore: string): void
  /** A batch has handled this many items. */
  handled(chore: string, items: number): void
}

export function createUpkeepMetrics(metrics: Metrics): UpkeepMetrics {
  const runs = metrics.counter(
    'bellwire_chore_runs_total',
    'Runs of recurring chores, by chore and outcome: ok or failed.',
  )
  const items = metrics.counter(
    'bellwire_chore_items_total',
    'What chores have handled, by chore: rows deleted, tasks queued again, and the like.',
  )
  const finished = metrics.gauge(
    'bellwire_chore_last_success_timestamp_seconds',
    'When each chore last ran to its end, in seconds since 1970.',
  )
  return {
    ran(chore) {
      runs.add({ chore, outcome: 'ok' })
      finished.set({ chore }, Math.round(Date.now() / 1000))
    },
    failed: (chore) => runs.add({ chore, outcome: 'failed' }),
    handled: (chore, count) => items.add({ chore }, count),
  }
}
