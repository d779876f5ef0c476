import type { IncomingHttpHeaders } from 'node:http'
import type { InboundRequest } from '../contract/task.ts'
import type { Query } from './payload/parseQuery.ts'

/**
 * Headers that are kept. Any other may hold a secret, whatever it is called: keys of gateways and functions, tokens of
 * senders, addresses with keys in them. Of the senders of webhooks it is what they say about an event.
 */
const KEPT = new Set(
  `
  accept accept-language content-encoding content-length content-type date host idempotency-key traceparent user-agent
  x-correlation-id x-forwarded-for x-forwarded-host x-forwarded-proto x-real-ip x-request-id
  linear-delivery linear-event svix-id svix-timestamp webhook-id webhook-timestamp x-amz-sns-message-id
  x-amz-sns-message-type x-amz-sns-topic-arn x-atlassian-webhook-identifier x-event-key x-github-hook-id
  x-goog-channel-id x-goog-message-number x-goog-resource-id x-goog-resource-state x-shopify-shop-domain
  x-shopify-webhook-id x-slack-request-timestamp x-slack-retry-num x-slack-retry-reason x-wc-webhook-id
  `
    .trim()
    .split(/\s+/),
)

/** Attributes of CloudEvents, and what many senders call the kind and the id of an event. */
const KEPT_PATTERN =
  /^ce-[a-z0-9]+$|^x-(?:[a-z0-9]+-)*(?:event|event-id|event-type|topic|delivery|delivery-id)$/

/** Whether a header, named in lower case, may be kept as it is. */
export function isKeptHeader(name: string): boolean {
  return KEPT.has(name) || KEPT_PATTERN.test(name)
}

/** What is kept of a request beside its payload: templates may use it, and people may look at it. */
export function inboundRequest(method: string, headers: IncomingHttpHeaders, query: Query): InboundRequest {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || !isKeptHeader(name)) continue
    kept[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return { method, headers: kept, query }
}
