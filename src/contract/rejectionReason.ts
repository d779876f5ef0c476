import { z } from 'zod'

/** Why a request did not start a task. A `reason` of an error is its code. */
export const RejectionReason = z
  .enum([
    'method_not_allowed',
    'rate_limited',
    'pending_limited',
    'webhook_disabled',
    'signature_missing',
    'signature_invalid',
    'timestamp_expired',
    'sender_unknown',
    'secret_missing',
    'keys_unavailable',
    'body_invalid',
    'body_too_large',
    'content_type_unsupported',
    'content_encoding_unsupported',
    'query_invalid',
    'idempotency_key_too_long',
    'schema_invalid',
    'callback_not_allowed',
    'delay_invalid',
    'split_failed',
    'filtered',
    'filter_failed',
    'own_echo',
    'loop_suspected',
    'duplicate_mismatch',
    'webhook_invalid',
  ])
  .meta({ id: 'RejectionReason' })
export type RejectionReason = z.infer<typeof RejectionReason>
