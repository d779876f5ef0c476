import { z } from 'zod'
import { Id, Timestamp } from './name.ts'
import { Usd } from './usd.ts'

export const TaskState = z.enum(['PENDING', 'STARTED', 'WAITING', 'SUCCESS', 'FAILURE', 'CANCELLED'])
export type TaskState = z.infer<typeof TaskState>

export const ToolCall = z.object({
  name: z.string(),
  arguments: z.unknown(),
  result: z.unknown().optional(),
  error: z.string().optional(),
})
export type ToolCall = z.infer<typeof ToolCall>

/** The result of a successful run. `output` is present when the agent has an output schema. */
export const RunResult = z.object({
  answer: z.string(),
  sources: z.array(z.unknown()),
  tool_calls: z.array(ToolCall),
  thought: z.string(),
  output: z.unknown().optional(),
})
export type RunResult = z.infer<typeof RunResult>

/** Total use of model calls. */
export const Usage = z.object({
  model_calls: z.int(),
  input_tokens: z.int(),
  cached_input_tokens: z.int(),
  output_tokens: z.int(),
  reasoning_tokens: z.int(),
  cost_usd: Usd.nullable().meta({ description: 'Null if the price of the model is unknown' }),
})
export type Usage = z.infer<typeof Usage>

/** Over a daily budget: the task starts by itself when there is room. */
const BudgetHold = z.object({
  reason: z.literal('budget_exhausted'),
  scope: z.enum(['agent', 'instance']).meta({ description: 'Whose daily budget is used up' }),
  since: Timestamp,
  until: Timestamp.meta({ description: 'When the day ends; sooner if the budget is raised' }),
})

/** Its request asked for a later start. */
const Delay = z.object({
  reason: z.literal('delayed'),
  since: Timestamp,
  until: Timestamp.meta({ description: 'When it starts' }),
})

/** Held at its webhook, until a person releases or discards it. */
const WebhookHold = z.object({
  reason: z.enum(['webhook_hold', 'loop_suspected']),
  since: Timestamp,
})
export type WebhookHold = z.infer<typeof WebhookHold>

/** An earlier task of its conversation has not ended. */
const ConversationHold = z.object({ reason: z.literal('conversation_busy'), since: Timestamp })

/** Other requests of a burst may join it. */
const BurstHold = z.object({
  reason: z.literal('coalescing'),
  since: Timestamp,
  until: Timestamp.meta({ description: 'When it starts; sooner if the burst is full' }),
})

/** Why a task stays PENDING although a worker is free. */
export const Held = z
  .discriminatedUnion('reason', [BudgetHold, WebhookHold, Delay, ConversationHold, BurstHold])
  .meta({ id: 'Held' })
export type Held = z.infer<typeof Held>

export const RunError = z.object({
  code: z.string(),
  message: z.string(),
  superseded_by: z
    .string()
    .optional()
    .meta({ description: 'The task of its conversation that was restarted with its requests' }),
})
export type RunError = z.infer<typeof RunError>

/** A file that came with a request. */
export const Attachment = z.object({
  field: z.string().meta({ description: 'The form field that it came in' }),
  filename: z.string(),
  content_type: z.string(),
  size: z.int().meta({ description: 'Bytes' }),
  offset: z.int().meta({ description: 'Its offset in the request body' }),
})
export type Attachment = z.infer<typeof Attachment>

/** What of the settings of a webhook could not be applied to a request. */
export const RequestWarning = z.object({
  code: z.enum(['conversation_key_failed', 'coalesce_key_failed']),
  detail: z.string(),
})
export type RequestWarning = z.infer<typeof RequestWarning>

/** The inbound request as templates see it. */
export const InboundRequest = z.object({
  method: z.string(),
  headers: z.record(z.string(), z.string()),
  query: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  event: z.string().optional().meta({ description: 'What happened, as the sender calls it' }),
  attachments: z.array(Attachment).optional().meta({ description: 'The files of a form' }),
  schedule: z
    .object({ id: Id, name: z.string(), beat: Timestamp })
    .optional()
    .meta({ description: 'The schedule that started the task, and for which time' }),
  warnings: z
    .array(RequestWarning)
    .optional()
    .meta({ description: 'Which settings of its webhook could not be applied to it' }),
})
export type InboundRequest = z.infer<typeof InboundRequest>
