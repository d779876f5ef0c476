import { z } from 'zod'
import { Instant } from './instant.ts'
import { Id, Timestamp } from './name.ts'
import { PageQuery, pageOf } from './page.ts'
import { RejectionReason } from './rejectionReason.ts'
import { InboundRequest } from './task.ts'
import { TaskLinks } from './trigger.ts'

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
  since: Instant.optional().meta({ description: 'Received at this time or later' }),
  until: Instant.optional().meta({ description: 'Received before this time' }),
})
export type RejectionListQuery = z.infer<typeof RejectionListQuery>

/** The answer to accepting a rejection. */
export const RejectionAccepted = z.object({ task_id: Id, links: TaskLinks }).meta({ id: 'RejectionAccepted' })
