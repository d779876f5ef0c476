import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { BellwireError } from '../../errors.ts'
import type { Outcome } from '../../ingress/outcome.ts'
import type { Metrics } from '../../telemetry/metrics.ts'

/** The outcome of a request to a webhook, for the log and the metrics: no part of the request itself. */
export type WebhookOutcome = {
  outcome: 'accepted' | 'held' | 'joined' | 'duplicate' | 'ignored' | 'answered' | 'rejected' | 'failed'
  /** A reason of a rejection, or the code of an error. */
  reason?: string | undefined
  task_id?: string | undefined
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Of a request to a webhook, once it is known. */
    webhookOutcome: WebhookOutcome | undefined
  }
}

/** Counts the outcome of a request to a webhook, and keeps it for the request log. */
export type NoteOutcome = (request: FastifyRequest, outcome: WebhookOutcome) => void

export function createNoteOutcome(metrics: Metrics): NoteOutcome {
  const requests = metrics.counter(
    'bellwire_webhook_requests_total',
    'Requests to webhooks, by outcome and reason.',
  )
  return (request, outcome) => {
    request.webhookOutcome = outcome
    requests.add({ outcome: outcome.outcome, reason: outcome.reason ?? '' })
  }
}

/** Declares the property on all requests of a server, so that setting it does not change their shape. */
export function declareOutcome(app: Pick<FastifyInstance, 'decorateRequest'>): void {
  app.decorateRequest('webhookOutcome', undefined)
}

/** The outcome of a request that was received. */
export function outcomeOfRequest(outcome: Outcome): WebhookOutcome {
  switch (outcome.kind) {
    case 'accepted':
      return { outcome: outcome.held ? 'held' : 'accepted', task_id: outcome.taskIds[0] }
    case 'joined':
      return { outcome: 'joined', task_id: outcome.taskIds[0] }
    case 'duplicate':
      return {
        outcome: 'duplicate',
        reason: outcome.mismatch ? 'duplicate_mismatch' : undefined,
        task_id: outcome.taskIds[0],
      }
    case 'answered':
      return { outcome: outcome.refused ? 'rejected' : 'answered', reason: outcome.refused?.reason }
    default:
      return { outcome: outcome.kind, reason: outcome.reason, task_id: outcome.taskId }
  }
}

/** The outcome of a request that an error ended: `failed` when the service is at fault, not the request. */
export function outcomeOfError({ status, code }: Pick<BellwireError, 'status' | 'code'>): WebhookOutcome {
  return { outcome: status >= 500 ? 'failed' : 'rejected', reason: code }
}
