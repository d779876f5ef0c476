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
    'Items handled by chores, by chore: rows deleted, tasks queued again and so on.',
  )
  const finished = metrics.gauge(
    'bellwire_chore_last_success_timestamp_seconds',
    'Time of the last completed run of each chore, in seconds since 1970.',
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
