import type { IncomingHttpHeaders } from 'node:http'
import type { RejectionReason } from '../../contract/rejectionReason.ts'
import type { Arrival } from '../arrival.ts'
import type { IgnoredElement, Outcome } from '../outcome.ts'
import type { Query } from '../payload/parseQuery.ts'

/** A request that did not start a task, with what its record needs. Headers are masked when the record is stored. */
export type RejectionEntry = {
  webhookId: string
  agentId: string
  reason: RejectionReason
  expected?: string | undefined
  received?: string | undefined
  detail?: string | undefined
  headers: IncomingHttpHeaders
  /** Headers of the source that contain no secret, in lower case. */
  keptHeaders?: readonly string[] | undefined
  method: string
  query: Query
  contentType: string | undefined
  /** Bytes of the body. */
  size: number
  /** Whether its signature was verified. */
  senderVerified?: boolean | undefined
  body: Buffer | undefined
  taskId?: string | undefined
  receivedAt: Date
}

/** Stores rejections. Returns at once. */
export type RecordRejection = (entry: RejectionEntry) => void

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
    ...(outcome.kind === 'accepted' ? withoutBody(arrival) : bodyOf(arrival)),
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

/** Accepting the rejection of some elements would start the others once more: nothing is kept to do so. */
function withoutBody({ rawBody }: Arrival): Pick<RejectionEntry, 'size' | 'body'> {
  return { size: rawBody.length, body: undefined }
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
    case 'accepted':
      return explainElements(outcome.ignored)
    default:
      return undefined
  }
}

/** Positions that are listed. */
const MAX_LISTED = 20

function explainElements(
  ignored: readonly IgnoredElement[],
): Pick<RejectionEntry, 'reason' | 'detail' | 'taskId'> | undefined {
  const [first] = ignored
  if (!first) return undefined
  const listed = ignored.slice(0, MAX_LISTED).map(({ index }) => index)
  const more = ignored.length > MAX_LISTED ? ` and ${ignored.length - MAX_LISTED} more` : ''
  return {
    reason: first.reason,
    taskId: first.taskId,
    detail: `Elements ${listed.join(', ')}${more} of the list (counted from 0) were ignored; the others became tasks.`,
  }
}
