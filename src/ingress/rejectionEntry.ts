import type { Arrival } from './arrival.ts'
import type { RejectionEntry } from './joints.ts'
import type { Outcome } from './outcome.ts'

/** What is recorded of a request that did not start a task; undefined for one that did, and for a handshake. */
export function rejectionEntry(arrival: Arrival, outcome: Outcome): RejectionEntry | undefined {
  const why = explain(outcome)
  if (!why) return undefined
  const { webhook, inbound, query, rawBody } = arrival
  return {
    webhookId: webhook.id,
    agentId: webhook.agentId,
    ...why,
    headers: inbound.headers,
    method: inbound.method,
    query,
    contentType: inbound.headers['content-type'],
    size: rawBody.length,
    body: rawBody,
    receivedAt: new Date(),
  }
}

function explain(
  outcome: Outcome,
): Pick<RejectionEntry, 'reason' | 'expected' | 'received' | 'detail' | 'taskId'> | undefined {
  switch (outcome.kind) {
    case 'ignored':
    case 'rejected':
      return { reason: outcome.reason, taskId: outcome.taskId, ...outcome.finding }
    case 'answered':
      return outcome.refused && { reason: outcome.refused.reason, ...outcome.refused.finding }
    case 'duplicate':
      return outcome.mismatch ? { reason: 'duplicate_mismatch', taskId: outcome.taskIds[0] } : undefined
    default:
      return undefined
  }
}
