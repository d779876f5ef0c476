import type { ClaimedTask } from '../tasks/claim.ts'
import { createMetrics, type Metrics } from '../telemetry/metrics.ts'
import { noRunMetrics, type RunMetrics } from '../telemetry/runMetrics.ts'
import { noTracer, type Tracer } from '../telemetry/tracing.ts'

/** Metrics and spans of a worker. */
export type WorkerTelemetry = {
  /** All counters of this process: stored in the worker's row, for any process that serves metrics. */
  metrics: Metrics
  runs: RunMetrics
  tracer: Tracer
}

export const noTelemetry: WorkerTelemetry = { metrics: createMetrics(), runs: noRunMetrics, tracer: noTracer }

/** A span for the time that a task spent in the queue before its first start. */
export function traceQueue(tracer: Tracer, task: ClaimedTask): void {
  if (tracer.isOff || task.attempt > 1) return
  tracer
    .start('receive runs', {
      kind: 'consumer',
      parent: task.traceParent,
      at: new Date(Date.now() - task.elapsedMs - task.queuedMs),
      attributes: {
        'messaging.system': 'bellwire',
        'messaging.operation.name': 'receive',
        'messaging.operation.type': 'receive',
        'messaging.destination.name': 'runs',
        'messaging.message.id': task.taskId,
      },
    })
    .end()
}
