import type { Arrival } from './arrival.ts'
import type { RejectionEntry } from './joints.ts'
import type { Outcome } from './outcome.ts'

/** What is recorded of a request that did not start a task; undefined for one that did, and for a handshake. */
export function rejectionEntry(arrival: Arrival, outcome: Outcome): RejectionEntry | undefined {
  const why = explain(outcome)
  if (!why) return undefined
  const { webhook, inbound, query, senderVerified } = arrival
  return {
    webhookId: webhook.id,
    agentId: webhook.agentId,
    ...why,
    headers: headersOf(arrival),
    keptHeaders: webhook.source.keptHeaders,
    method: inbound.method,
    query,
    contentType: inbound.headers['content-type'],
    ...bodyOf(arrival),
    senderVerified,
    receivedAt: new Date(),
  }
}

/** A body that was decoded is kept as it is then, and without the header that says otherwise. */
function headersOf({ inbound, rawBody }: Arrival): RejectionEntry['headers'] {
  if (inbound.body === undefined || rawBody === inbound.body) return inbound.headers
  const { 'content-encoding': _encoding, ...headers } = inbound.headers
  return headers
}

/** Without a body, the query is the payload: it is kept in its place. */
function bodyOf({ inbound, query, rawBody }: Arrival): Pick<RejectionEntry, 'size' | 'body'> {
  if (rawBody.length > 0 || inbound.search === '') return { size: rawBody.length, body: rawBody }
  const body = Buffer.from(JSON.stringify(query))
  return { size: body.length, body }
}

function explain(
  outcome: Outcome,
): Pick<RejectionEntry, 'reason' | 'expected' | 'received' | 'detail' | 'taskId'> | undefined {
  switch (outcome.kind) {
    case 'ignored':
      return { reason: outcome.reason, taskId: outcome.taskId, ...outcome.finding }
    case 'rejected':
      return {
        reason: outcome.reason,
        taskId: outcome.taskId,
        detail: outcome.error.message,
        ...outcome.finding,
      }
    case 'answered':
      return outcome.refused && { reason: outcome.refused.reason, ...outcome.refused.finding }
    case 'duplicate':
      return outcome.mismatch ? { reason: 'duplicate_mismatch', taskId: outcome.taskIds[0] } : undefined
    default:
      return undefined
  }
}
