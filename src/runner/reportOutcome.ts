import type { Pause } from '../tasks/approvals/pause.ts'
import type { RunMetrics } from '../telemetry/runMetrics.ts'
import type { Outcome } from './outcome.ts'

/** Counts an outcome in the metrics of runs; `seconds` is the run's own time. */
export function countOutcome(runs: RunMetrics, outcome: Outcome, seconds: number): void {
  switch (outcome.kind) {
    case 'paused':
      return runs.transition('WAITING', isForCallbacks(outcome) ? 'callback_awaited' : 'approval_requested')
    case 'succeeded':
      runs.transition('SUCCESS', 'succeeded')
      return runs.run('ok', seconds)
    case 'failed':
      runs.transition('FAILURE', 'failed')
      return runs.run(outcome.error.code, seconds)
    default:
      return runs.transition('STARTED', outcome.kind)
  }
}

function isForCallbacks({ requests }: Pause): boolean {
  return requests.every(({ callbackId }) => callbackId !== undefined)
}

/** The fields of the log line about an outcome. */
export function summarize(outcome: Outcome): Record<string, unknown> {
  switch (outcome.kind) {
    case 'paused':
      return { state: 'WAITING', waits: outcome.requests.length }
    case 'succeeded':
      return { state: 'SUCCESS' }
    case 'failed':
      return { state: 'FAILURE', code: outcome.error.code }
    case 'retry':
      return { state: 'STARTED', next: 'retry', code: outcome.error.code, delay_ms: outcome.delayMs }
    default:
      return { state: 'STARTED', next: 'handed_back' }
  }
}
