import { z } from 'zod'
import { Id } from './name.ts'
import { TaskState } from './task.ts'

/** What the stream of events is about. */
export const ActivityKind = z.enum(['task', 'approval', 'delivery', 'rejection'])
export type ActivityKind = z.infer<typeof ActivityKind>

const KINDS = `must be one of ${ActivityKind.options.join(', ')}; repeat it for several`
const STATES = `must be one of ${TaskState.options.join(', ')}; repeat it for several`

/** Which events are wanted: those that match every parameter. */
export const ActivityQuery = z.strictObject({
  kind: z
    .union([ActivityKind, z.array(ActivityKind).max(ActivityKind.options.length)], { error: KINDS })
    .optional()
    .meta({ description: 'Repeat it for several kinds: kind=approval&kind=rejection' }),
  state: z
    .union([TaskState, z.array(TaskState).max(TaskState.options.length)], { error: STATES })
    .optional()
    .meta({ description: 'Only task events with these states' }),
  agent_id: Id.optional(),
  webhook_id: Id.optional().meta({ description: 'Only events about this webhook' }),
})
export type ActivityQuery = z.infer<typeof ActivityQuery>
