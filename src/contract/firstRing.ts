import { z } from 'zod'
import { Id, Timestamp } from './name.ts'
import { RejectionReason } from './rejectionReason.ts'
import { Webhook } from './webhook.ts'

/** A request that came to a webhook which has no source yet. */
export const Ring = z
  .object({
    id: Id,
    received_at: Timestamp,
    method: z.string(),
    headers: z.record(z.string(), z.string()).meta({
      description: 'All headers by name; values that may be secret are replaced with ***',
    }),
    query: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
    content_type: z.string().nullable(),
    size: z.int().meta({ description: 'Bytes of the body' }),
    payload: z.unknown().meta({
      description: 'What the agent gets; null if the body could not be read or is larger than 256 KiB',
    }),
    task_id: Id.nullable().meta({ description: 'The task that it started' }),
    reason: RejectionReason.nullable().meta({ description: 'Why it started none' }),
  })
  .meta({ id: 'Ring' })
export type Ring = z.infer<typeof Ring>

/** What the requests so far suggest for the webhook and its agent. */
export const RingSuggestions = z
  .object({
    source: z
      .object({
        name: z.string(),
        title: z.string(),
        confidence: z.enum(['high', 'medium']).meta({
          description: 'high: by headers that only this sender has; medium: by the shape of the payload',
        }),
        evidence: z.array(z.string()),
      })
      .nullable()
      .meta({ description: 'Who sent the newest request' }),
    payload_schema: z.record(z.string(), z.unknown()).nullable().meta({
      description: 'A JSON Schema that all of them match',
    }),
    message: z.string().nullable().meta({ description: 'A message template made from the newest one' }),
  })
  .meta({ id: 'RingSuggestions' })
export type RingSuggestions = z.infer<typeof RingSuggestions>

export const FirstRing = z
  .object({
    requests: z.array(Ring).meta({ description: 'The first five, oldest first. Kept for seven days' }),
    suggestions: RingSuggestions,
  })
  .meta({ id: 'FirstRing' })

export const FirstRingQuery = z.strictObject({
  wait: z.coerce
    .number()
    .min(0)
    .optional()
    .meta({ description: 'Seconds to wait for a request, capped at 60' }),
  after: Id.optional().meta({ description: 'Wait for a request after this one' }),
})

/** What to take: true for what is suggested, or a value of your own. */
export const AcceptFirstRing = z
  .strictObject({
    source: z.union([z.literal(true), z.string().min(1).max(64)]).optional(),
    payload_schema: z.union([z.literal(true), z.record(z.string(), z.unknown())]).optional(),
    message: z.union([z.literal(true), z.string().min(1).max(100_000)]).optional(),
    secrets: z.array(z.string().min(1).max(10_000)).max(10).optional().meta({
      description: 'The secrets that verify requests from the source. Write-only',
      writeOnly: true,
    }),
  })
  .refine((taken) => Object.values(taken).some((value) => value !== undefined), 'name at least one field')
  .meta({ id: 'AcceptFirstRing' })
export type AcceptFirstRing = z.infer<typeof AcceptFirstRing>

export const FirstRingAccepted = z
  .object({ webhook: Webhook, agent: z.object({ id: Id, revision: z.int() }) })
  .meta({ id: 'FirstRingAccepted' })
