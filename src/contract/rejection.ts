import { z } from 'zod'
import { Id, Timestamp } from './name.ts'
import { PageQuery, pageOf } from './page.ts'
import { InboundRequest } from './task.ts'

/** Why a request to a webhook started no task, and what it means in words. */
export const REJECTION_REASONS = {
  signature_missing: 'The request carries no signature, or not all of the headers that belong to it',
  signature_invalid:
    'The signature does not match the body: a wrong secret, or a body that was changed on the way',
  timestamp_expired: 'The signature is older than the source allows',
  method_not_allowed: 'The webhook does not allow this method',
  webhook_disabled: 'The webhook is disabled',
  body_too_large: 'The body is larger than BELLWIRE_MAX_BODY_BYTES',
  body_invalid: 'The body cannot be read as what its content type says',
  content_type_unsupported: 'The content type is not supported',
  query_invalid: 'The query string cannot be read',
  idempotency_key_too_long: 'The Idempotency-Key is longer than 256 characters',
  schema_invalid: 'The payload does not match the payload_schema of the webhook',
  split_invalid: 'The payload has no list where the webhook splits it, or one that is empty or too long',
  filtered: 'The filter of the webhook is false for this request',
  filter_failed: 'The filter of the webhook could not be evaluated for this request',
  own_echo: 'The event is about something that a run of this agent has just made',
  loop_suspected:
    'One object has started more tasks in ten minutes than the webhook allows; later ones are held',
  duplicate_mismatch: 'The idempotency key or event id was seen before with another payload',
  rate_limited: 'The rate limit of the webhook is used up',
  pending_limited: 'The agent has as many waiting tasks as limits.max_pending_tasks allows',
} as const satisfies Record<string, string>

export type RejectionReason = keyof typeof REJECTION_REASONS

const REASONS = Object.keys(REJECTION_REASONS) as [RejectionReason, ...RejectionReason[]]

export const RejectionReason = z.enum(REASONS).meta({ id: 'RejectionReason' })

/** A rejection as lists show it. */
export const RejectionSummary = z
  .object({
    id: Id,
    webhook_id: Id,
    webhook_name: z.string().nullable().meta({ description: 'Null if the webhook was deleted' }),
    agent_id: Id,
    agent_name: z.string().nullable(),
    reason: RejectionReason,
    expected: z.string().nullable().meta({ description: 'What the failed check looked for' }),
    received: z.string().nullable().meta({ description: 'What it found instead' }),
    detail: z.string().nullable().meta({ description: 'The detail of the response to the sender' }),
    method: z.string(),
    content_type: z.string().nullable(),
    size: z.int().meta({ description: 'Bytes of the body' }),
    repeats: z.int().meta({
      description: 'Further requests with the same reason that were only counted, after this one',
    }),
    task_id: Id.nullable().meta({
      description: 'A related task: the original of a duplicate, or the cause of an echo or a loop',
    }),
    accepted_task_id: Id.nullable().meta({ description: 'The task created by accepting this rejection' }),
    accepted_at: Timestamp.nullable(),
    created_at: Timestamp.meta({ description: 'When the request was received' }),
  })
  .meta({ id: 'RejectionSummary' })

export const RejectionList = pageOf(RejectionSummary).meta({ id: 'RejectionList' })

/** Everything that is kept of a rejected request. */
export const RejectionDetail = z
  .object({
    ...RejectionSummary.shape,
    headers: z
      .record(z.string(), z.string())
      .meta({ description: 'Values that may be secret are replaced by ***' }),
    query: InboundRequest.shape.query.meta({ description: 'Values that may be secret are replaced by ***' }),
    body: z.string().meta({ description: 'The start of the body, at most 4096 bytes, as UTF-8 text' }),
    body_complete: z.boolean().meta({
      description: 'Whether the whole body was kept, so that the rejection can be accepted',
    }),
    sender_verified: z.boolean(),
  })
  .meta({ id: 'Rejection' })

export const RejectionListQuery = z.strictObject({
  ...PageQuery.shape,
  webhook_id: Id.optional(),
  agent_id: Id.optional(),
  reason: RejectionReason.optional(),
  since: z.iso.datetime({ offset: true }).optional().meta({ description: 'Received at this time or later' }),
  until: z.iso.datetime({ offset: true }).optional().meta({ description: 'Received before this time' }),
})
export type RejectionListQuery = z.infer<typeof RejectionListQuery>

export const RejectionAccepted = z
  .object({ task_id: Id, links: z.object({ status: z.string(), events: z.string(), cancel: z.string() }) })
  .meta({ id: 'RejectionAccepted' })
