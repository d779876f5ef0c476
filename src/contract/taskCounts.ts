import { z } from 'zod'
import { Timestamp } from './name.ts'
import { TaskState } from './task.ts'

const StateCounts = z
  .object(Object.fromEntries(TaskState.options.map((state) => [state, z.int()])))
  .meta({ id: 'StateCounts' })

/** Tasks of a filter, counted. */
export const TaskCounts = z
  .object({
    since: Timestamp,
    until: Timestamp,
    total: z.int(),
    states: StateCounts,
    errors: z
      .array(z.object({ code: z.string(), count: z.int() }))
      .meta({ description: 'Failed tasks by error code, most frequent first' }),
    by: z
      .enum(['hour', 'day'])
      .meta({ description: 'How long each period is: a day in ranges of more than a week' }),
    periods: z
      .array(z.object({ from: Timestamp, total: z.int(), states: StateCounts }))
      .meta({ description: 'Newest first, in UTC; without those that have no tasks' }),
    counted_back_to: Timestamp.nullable().meta({
      description: 'Set when counting ran out of time: tasks accepted before this time are not counted',
    }),
  })
  .meta({ id: 'TaskCounts' })
