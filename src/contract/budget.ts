import { z } from 'zod'
import { Budget } from './agent.ts'
import { Timestamp } from './name.ts'
import { Usd } from './usd.ts'

/** The daily budget of the whole instance, and its use today. */
export const InstanceBudget = z
  .object({
    ...Budget.shape,
    version: z.string().meta({ description: 'As in the ETag: changes with each change of the limits' }),
    used: z.object({
      cost_usd: Usd.meta({ description: 'Excludes calls to models without a known price' }),
      tokens: z.int(),
    }),
    resets_at: Timestamp.meta({ description: 'When the day ends, in UTC' }),
  })
  .meta({ id: 'InstanceBudget' })
export type InstanceBudget = z.infer<typeof InstanceBudget>
