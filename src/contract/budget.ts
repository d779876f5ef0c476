import { z } from 'zod'
import { Budget } from './agent.ts'
import { Timestamp } from './name.ts'
import { Usd } from './usd.ts'

/** What the whole instance may use in one day, and what it has used. */
export const InstanceBudget = z
  .object({
    ...Budget.shape,
    used: z.object({
      cost_usd: Usd.meta({ description: 'Excludes calls to models without a known price' }),
      tokens: z.int(),
    }),
    resets_at: Timestamp.meta({ description: 'When the day ends, in UTC' }),
  })
  .meta({ id: 'InstanceBudget' })
export type InstanceBudget = z.infer<typeof InstanceBudget>
