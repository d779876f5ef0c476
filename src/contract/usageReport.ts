import { z } from 'zod'
import { Id } from './name.ts'
import { Usage } from './task.ts'

const Day = z.iso.date().meta({ description: 'A day in UTC, such as 2026-03-01', example: '2026-03-01' })

export const UsageQuery = z.strictObject({
  from: Day.optional().meta({ description: 'First day; by default 29 days before the last day' }),
  to: Day.optional().meta({ description: 'Last day; today by default' }),
  group_by: z.enum(['day', 'agent', 'model']).default('day'),
  agent_id: Id.optional(),
})
export type UsageQuery = z.infer<typeof UsageQuery>

const Totals = z.object({
  runs: z.int().meta({ description: 'Runs that made their first model call' }),
  ...Usage.shape,
  cost_usd: Usage.shape.cost_usd.meta({
    description: 'Total of the calls with a known price; null if there are none',
  }),
  unpriced_model_calls: z.int().meta({ description: 'Calls not included in cost_usd' }),
})
export type UsageTotals = z.infer<typeof Totals>

/** Usage in a period, grouped by day, agent or model. */
export const UsageReport = z
  .object({
    from: Day,
    to: Day,
    group_by: UsageQuery.shape.group_by.unwrap(),
    data: z.array(
      z.object({
        day: Day.optional(),
        agent_id: Id.optional(),
        agent_name: z.string().optional(),
        model: z.string().optional(),
        ...Totals.shape,
      }),
    ),
    total: Totals,
  })
  .meta({ id: 'UsageReport' })
export type UsageReport = z.infer<typeof UsageReport>
