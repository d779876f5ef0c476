import { z } from 'zod'
import { Agent } from './agent.ts'
import { Id, Timestamp } from './name.ts'
import { pageOf } from './page.ts'
import { TaskState } from './task.ts'

/** An agent in a list, with the facts most often needed about it. */
export const AgentListItem = z
  .object({
    ...Agent.shape,
    webhooks: z.object({ enabled: z.int(), disabled: z.int() }),
    last_task: z
      .object({ id: Id, state: TaskState, created_at: Timestamp })
      .nullable()
      .meta({ description: 'Its most recent task' }),
    last_day: z
      .object({
        tasks: z.int(),
        succeeded: z.int(),
        failed: z.int(),
        is_complete: z.boolean().meta({ description: 'false when only the latest 5000 are counted' }),
      })
      .meta({ description: 'Tasks accepted in the last 24 hours, without rehearsals' }),
  })
  .meta({ id: 'AgentListItem' })
export type AgentListItem = z.infer<typeof AgentListItem>

export const AgentList = pageOf(AgentListItem)
