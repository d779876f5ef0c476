import type { RejectionReason, RejectionSummary } from '../api/types.ts'

/** Why a request started no task, in plain words. */
export const REASONS: Record<RejectionReason, string> = {
  signature_missing: 'No signature',
  signature_invalid: 'Signature does not match',
  timestamp_expired: 'Signature too old',
  sender_unknown: 'Unknown sender',
  secret_missing: 'No secret set',
  keys_unavailable: 'Sender’s keys unavailable',
  filtered: 'Filtered out',
  filter_failed: 'Filter could not be evaluated',
  own_echo: 'Caused by the agent itself',
  loop_suspected: 'Possible loop',
  schema_invalid: 'Payload does not match the schema',
  duplicate_mismatch: 'Key reused with another payload',
  split_failed: 'No list to split',
  rate_limited: 'Rate limit reached',
  pending_limited: 'Too many waiting tasks',
  method_not_allowed: 'Method not allowed',
  webhook_disabled: 'Webhook is off',
  webhook_invalid: 'Webhook settings are invalid',
  body_invalid: 'Body cannot be read',
  body_too_large: 'Body too large',
  content_type_unsupported: 'Content type not supported',
  content_encoding_unsupported: 'Content encoding not supported',
  query_invalid: 'Query string cannot be read',
  idempotency_key_too_long: 'Idempotency key too long',
  callback_not_allowed: 'Callback URL not allowed',
  delay_invalid: 'Delay cannot be read',
}

/** What happened, for reasons without a detail from the server. */
export const ABOUT: Partial<Record<RejectionReason, string>> = {
  filtered: 'The webhook’s filter is false for this request.',
  webhook_disabled: 'The webhook was off when the request arrived.',
  own_echo: 'The event is about something that a run of this agent created.',
  duplicate_mismatch: 'An earlier request had the same key and a different payload.',
  loop_suspected: 'Too many requests about one object arrived within ten minutes.',
}

export function isReason(value: unknown): value is RejectionReason {
  return typeof value === 'string' && Object.hasOwn(REASONS, value)
}

/** What was expected and what came, in a line. */
export function differenceOf({ reason, expected, received, detail }: RejectionSummary): string {
  if (expected !== null && received !== null) {
    // Marks of code, which a line of a list cannot show.
    return `Expected ${expected}; received ${received}`.replaceAll('`', '')
  }
  return detail ?? expected ?? received ?? ABOUT[reason] ?? ''
}
