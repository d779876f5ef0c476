import { z } from 'zod'
import { Id, Timestamp } from './name.ts'
import { RejectionReason } from './rejectionReason.ts'
import { TaskState } from './task.ts'
import { Usd } from './usd.ts'
import { Filter } from './webhookOptions.ts'

export const FilterTry = z.strictObject({
  filter: Filter,
  limit: z.int().min(1).max(500).default(100).meta({
    description:
      'Number of latest requests, counting those that became tasks and those that the filter kept out',
  }),
})

/** What the calls of a run did: it made none, it only read, or it wrote. */
export const RunEffect = z.enum(['no_calls', 'read', 'write'])
export type RunEffect = z.infer<typeof RunEffect>

/** A request that the webhook received before, and what the filter decides about it. */
export const TriedRequest = z.object({
  task_id: Id.nullable().meta({ description: 'Null for a request that did not become a task' }),
  rejection_id: Id.nullable(),
  created_at: Timestamp,
  would_start: z.boolean().nullable().meta({
    description:
      'Null when it was not evaluated: time ran out, or the body was not kept in full or can no longer be read',
  }),
  error: z.string().nullable().meta({
    description: 'Why the filter has no value (it would not start the agent), or why it was not evaluated',
  }),
  reason: RejectionReason.nullable().meta({ description: 'Why it did not become a task' }),
  state: TaskState.nullable(),
  effect: RunEffect.nullable().meta({ description: 'What the run did; null until it ends' }),
  cost_usd: Usd.nullable(),
})
export type TriedRequest = z.infer<typeof TriedRequest>

const Runs = z.object({ count: z.int(), cost_usd: Usd })

export const FilterTryAnswer = z
  .object({
    data: z.array(TriedRequest),
    summary: z.object({
      text: z.string().meta({
        example:
          'This filter would have skipped 38 of 41 runs that changed nothing, $4.10, and none that wrote.',
      }),
      evaluated: z.int(),
      would_start: z.int(),
      failed: z.int().meta({ description: 'Requests for which the filter has no value' }),
      idle: Runs.meta({ description: 'Runs that changed nothing' }),
      idle_skipped: Runs.meta({ description: 'Those that the filter would have skipped' }),
      writing_skipped: Runs.meta({ description: 'Runs that wrote, and would have been skipped' }),
    }),
  })
  .meta({ id: 'FilterTry' })
export type FilterTryAnswer = z.infer<typeof FilterTryAnswer>
