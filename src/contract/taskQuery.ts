import { z } from 'zod'
import { Instant } from './instant.ts'
import { Id } from './name.ts'
import { PageQuery } from './page.ts'
import { TaskState } from './task.ts'

const AMOUNT = 'must be 0 or more'
const Amount = z.coerce.number(AMOUNT).min(0, AMOUNT).max(1e12, 'must be at most 1000000000000')

const TEXT = 'must be a text of 2 to 200 characters'

/** Which tasks are wanted: those that match every parameter. */
export const TaskFilterQuery = z.strictObject({
  q: z
    .string()
    .trim()
    .min(2, TEXT)
    .max(200, TEXT)
    .regex(/^[^\0\p{Cs}]*$/u, 'must be a text without NUL characters')
    .optional()
    .meta({
      description:
        'Text in the payload, the result or the error, case-insensitive; or the start of a task id, at least 8 characters',
    }),
  state: z
    .union([TaskState, z.array(TaskState).max(TaskState.options.length)], {
      error: `must be one of ${TaskState.options.join(', ')}; repeat it for several`,
    })
    .optional()
    .meta({ description: 'Repeat it for several states: state=FAILURE&state=CANCELLED' }),
  agent_id: Id.optional(),
  webhook_id: Id.optional(),
  conversation_id: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .meta({ description: 'The id of a conversation, or the value of its key' }),
  origin: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'webhook, answer, stream, schedule, replay or rehearsal' }),
  except_origin: z
    .union([z.string().min(1).max(100), z.array(z.string().min(1).max(100)).max(20)])
    .optional()
    .meta({ description: 'Not started like this; repeat it for several' }),
  error_code: z.string().min(1).max(100).optional().meta({ description: 'The error code it ended with' }),
  since: Instant.optional().meta({ description: 'Accepted at this time or later' }),
  until: Instant.optional().meta({ description: 'Accepted before this time' }),
  min_seconds: Amount.optional().meta({
    description: 'Ran for at least this long (so far, if it has not ended), not counting waits for approval',
  }),
  min_cost_usd: Amount.optional().meta({ description: 'Cost at least this much' }),
})
export type TaskFilterQuery = z.infer<typeof TaskFilterQuery>

export const TaskListQuery = z.strictObject({ ...PageQuery.shape, ...TaskFilterQuery.shape })
