import { z } from 'zod'
import { Id, Timestamp } from './name.ts'
import { Usd } from './usd.ts'

export const OverviewPeriod = z.enum(['1h', '6h', '24h', '7d', '30d'])
export type OverviewPeriod = z.infer<typeof OverviewPeriod>

export const OverviewQuery = z.strictObject({ period: OverviewPeriod.default('24h') })

const Spending = z.object({
  runs: z.int(),
  tokens: z.int(),
  cost_usd: Usd.nullable().meta({ description: 'Of the calls with a known price; null if there are none' }),
})

const OfAgent = { agent_id: Id, agent_name: z.string() }

/** How the instance is doing, and what needs a person. */
export const Overview = z
  .object({
    period: OverviewPeriod,
    since: Timestamp,
    until: Timestamp,
    counted_back_to: Timestamp.nullable().meta({
      description: 'Set when counting ran out of time: tasks accepted before this time are not counted',
    }),
    tasks: z.object({
      total: z.int(),
      succeeded: z.int(),
      failed: z.int(),
      cancelled: z.int(),
      unfinished: z.int(),
      success_rate: z.number().nullable().meta({
        description:
          'Share of successful tasks among those that succeeded or failed, 0 to 1; null if there are none',
      }),
      p50_ms: z.int().nullable().meta({ description: 'Median duration of successful tasks, to within 5%' }),
      p95_ms: z.int().nullable(),
    }),
    bucket_seconds: z.int().meta({ description: 'How long each bucket is' }),
    buckets: z
      .array(z.object({ from: Timestamp, total: z.int(), failed: z.int() }))
      .meta({ description: 'All buckets of the period, oldest first' }),
    queue: z.object({
      due: z.int(),
      later: z.int(),
      oldest_seconds: z.number().meta({ description: 'Time since the oldest due task became due' }),
    }),
    workers: z.object({ alive: z.int() }),
    spending: z
      .object({
        from: z.iso.date(),
        to: z.iso.date(),
        agents: z.array(z.object({ ...OfAgent, ...Spending.shape })),
        models: z.array(z.object({ model: z.string(), ...Spending.shape })),
        total: Spending,
      })
      .meta({ description: 'Of whole days in UTC; the ten highest of each kind' }),
    attention: z
      .object({
        approvals: z.int().meta({ description: 'Tool calls waiting for approval, up to 1,000' }),
        questions: z.int().meta({ description: 'Questions waiting for an answer' }),
        failures: z
          .array(
            z.object({
              ...OfAgent,
              code: z.string(),
              count: z.int(),
              last_task_id: Id,
              last_at: Timestamp,
              message: z.string().meta({ description: 'Message of the latest of them' }),
            }),
          )
          .meta({ description: 'Failed tasks of the period by agent and error, most frequent first' }),
        rejections: z
          .array(z.object({ ...OfAgent, reason: z.string(), count: z.int(), before: z.int() }))
          .meta({ description: 'Reasons that were more frequent than in the previous period' }),
        deliveries: z
          .array(
            z.object({
              ...OfAgent,
              webhook_id: Id,
              webhook_name: z.string().nullable().meta({ description: 'Null if the webhook was deleted' }),
              count: z.int(),
              error: z.string().nullable(),
              disabled_at: Timestamp.nullable().meta({
                description: 'When the receiver switched the callback off: nothing is sent since',
              }),
            }),
          )
          .meta({
            description:
              'Callbacks and replies that failed for good in the period, and callbacks that are switched off',
          }),
        silent: z
          .array(
            z.object({
              ...OfAgent,
              webhook_id: Id,
              webhook_name: z.string(),
              expected_seconds: z.int().meta({ description: 'How often a request is expected' }),
              last_at: Timestamp.nullable().meta({ description: 'The last request; null if there was none' }),
              silent_seconds: z
                .number()
                .meta({ description: 'Since the last request, or since it was saved' }),
            }),
          )
          .meta({ description: 'Webhooks that should have received a request by now' }),
        budgets: z
          .array(
            z.object({
              agent_id: Id.nullable().meta({ description: 'Null for the budget of the instance' }),
              agent_name: z.string().nullable(),
              used: z.number().meta({ description: 'Share used today; 1 is all of it' }),
            }),
          )
          .meta({ description: 'Daily budgets that are at least 80% used' }),
      })
      .meta({ description: 'What needs a person' }),
  })
  .meta({ id: 'Overview' })
export type Overview = z.infer<typeof Overview>
