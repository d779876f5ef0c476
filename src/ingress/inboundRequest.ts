import { toStorable } from '../contract/storable.ts'
import type { InboundRequest } from '../contract/task.ts'
import type { Arrival } from './arrival.ts'
import type { Payload } from './payload/payload.ts'

/**
 * Request headers that are stored. Any other may contain a secret, whatever its name: keys of gateways and functions,
 * tokens of senders, addresses that contain keys. From webhook senders, these are the headers that describe an event.
 */
const KEPT = new Set(
  `
  accept accept-language content-encoding content-length content-type date host idempotency-key traceparent user-agent
  x-bellwire-delay x-correlation-id x-forwarded-for x-forwarded-host x-forwarded-proto x-real-ip x-request-id
  linear-delivery linear-event svix-id svix-timestamp webhook-id webhook-timestamp x-amz-sns-message-id
  x-amz-sns-message-type x-amz-sns-topic-arn x-atlassian-webhook-identifier x-event-key x-github-hook-id
  x-goog-channel-id x-goog-message-number x-goog-resource-id x-goog-resource-state x-shopify-shop-domain
  x-shopify-webhook-id x-slack-request-timestamp x-slack-retry-num x-slack-retry-reason x-wc-webhook-id
  `
    .trim()
    .split(/\s+/),
)

/** Attributes of CloudEvents, and common names for the kind and id of an event. */
const KEPT_PATTERN =
  /^ce-[a-z0-9]+$|^x-(?:[a-z0-9]+-)*(?:event|event-id|event-type|topic|delivery|delivery-id)$/

/** Names that were looked at before: the same ones come with every request. */
const known = new Map<string, boolean>()
const MAX_KNOWN = 1_000

/** Whether a header, named in lower case, may be kept as it is. */
export function isKeptHeader(name: string): boolean {
  const before = known.get(name)
  if (before !== undefined) return before
  const isKept = KEPT.has(name) || KEPT_PATTERN.test(name)
  if (known.size < MAX_KNOWN) known.set(name, isKept)
  return isKept
}

type Described = Pick<Arrival, 'headers' | 'query' | 'event'> & {
  inbound: Pick<Arrival['inbound'], 'method'> & { headers?: Arrival['headers'] }
  webhook?: { source: { keptHeaders: readonly string[] } }
}

/** What is kept of a request beside its payload: templates may use it, and people may look at it. */
export function inboundRequest(
  { inbound, headers, query, event, webhook }: Described,
  payload?: Pick<Payload, 'attachments'>,
): InboundRequest {
  const kept: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value === undefined || !isKeptHeader(name)) continue
    kept[name] = Array.isArray(value) ? value.join(', ') : value
  }
  for (const name of webhook?.source.keptHeaders ?? []) {
    const value = headers[name]
    if (value !== undefined) kept[name] = Array.isArray(value) ? value.join(', ') : value
  }
  // Headers and queries of HTTP hold nothing that cannot be stored; what a body says may.
  const isOfBody = inbound.headers !== undefined && headers !== inbound.headers
  const request: InboundRequest = {
    method: inbound.method,
    headers: isOfBody ? toStorable(kept) : kept,
    query,
  }
  if (event !== undefined) request.event = toStorable(event)
  if (payload && payload.attachments.length > 0) request.attachments = toStorable([...payload.attachments])
  return request
}
