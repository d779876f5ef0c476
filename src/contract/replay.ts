import { z } from 'zod'
import { AgentPatch } from './agent.ts'
import { Instant } from './instant.ts'
import { Id } from './name.ts'

export const ReplayWrites = z.enum(['continue', 'recorded', 'live']).meta({
  description:
    'continue: calls in the journal are answered from it, and the run continues from the call that failed; the default ' +
    'for a failed or cancelled task on its own revision. recorded: writes are answered from the record, and one ' +
    'without a record is an error to the model; the default otherwise. live: everything is called again',
})
export type ReplayWrites = z.infer<typeof ReplayWrites>

const RevisionChoice = z
  .union([
    z.enum(['same', 'latest']),
    z.strictObject({ draft: AgentPatch }),
    // The fields of the draft themselves.
    AgentPatch,
  ])
  .meta({
    description:
      'same: the revision of the task; latest: that of the agent; {"draft": …}: fields that replace those of the ' +
      'latest revision for this replay, without being saved',
  })

/** How a task is replayed. */
export const ReplayRequest = z
  .strictObject({ revision: RevisionChoice.default('same'), writes: ReplayWrites.optional() })
  .meta({ id: 'ReplayRequest' })
export type ReplayRequest = z.infer<typeof ReplayRequest>

export const ReplayAnswer = z
  .object({
    success: z.literal(true),
    task_id: Id.meta({ description: 'The new task' }),
    replay_of: Id,
    revision: z.int(),
    writes: ReplayWrites,
  })
  .meta({ id: 'ReplayAnswer' })

/** States in which a task has ended. */
const EndState = z.enum(['SUCCESS', 'FAILURE', 'CANCELLED'])

/** Tasks that one request replays at most. */
export const MAX_REPLAYS = 1_000

export const ReplayFilter = z.strictObject({
  state: z
    .union([EndState, z.array(EndState).min(1).max(3)])
    .default('FAILURE')
    .meta({ description: 'One state, or a list' }),
  error_code: z.string().max(100).optional(),
  agent_id: Id.optional(),
  webhook_id: Id.optional(),
  since: Instant.optional().meta({ description: 'Tasks received at this time or later' }),
  until: Instant.optional().meta({ description: 'Tasks received before this time' }),
})
export type ReplayFilter = z.infer<typeof ReplayFilter>

/** Which tasks are replayed, and how. */
export const ReplayManyRequest = z
  .strictObject({
    filter: ReplayFilter,
    ...ReplayRequest.shape,
    limit: z.int().min(1).max(MAX_REPLAYS).default(MAX_REPLAYS),
  })
  .meta({ id: 'ReplayManyRequest' })

export const ReplayManyAnswer = z
  .object({
    success: z.literal(true),
    task_ids: z.array(Id).meta({ description: 'The new tasks, in the order of the old ones' }),
    skipped: z
      .array(z.object({ task_id: Id, code: z.string(), detail: z.string() }))
      .meta({ description: 'Matching tasks that cannot be replayed, and why; at most 100' }),
    more: z.boolean().meta({ description: 'Other tasks match: send the request again to replay them' }),
  })
  .meta({ id: 'ReplayManyAnswer' })
