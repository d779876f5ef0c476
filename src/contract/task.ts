import { z } from 'zod'

export const TaskState = z.enum(['PENDING', 'STARTED', 'WAITING', 'SUCCESS', 'FAILURE', 'CANCELLED'])
export type TaskState = z.infer<typeof TaskState>

export const ToolCall = z.object({
  name: z.string(),
  arguments: z.unknown(),
  result: z.unknown().optional(),
  error: z.string().optional(),
})
export type ToolCall = z.infer<typeof ToolCall>

/** What a run that succeeded gives. `output` is there when the agent has an output schema. */
export const RunResult = z.object({
  answer: z.string(),
  sources: z.array(z.unknown()),
  tool_calls: z.array(ToolCall),
  thought: z.string(),
  output: z.unknown().optional(),
})
export type RunResult = z.infer<typeof RunResult>

/** Tokens of a whole run, added up over its model calls. */
export const Usage = z.object({
  model_calls: z.int(),
  input_tokens: z.int(),
  cached_input_tokens: z.int(),
  output_tokens: z.int(),
  reasoning_tokens: z.int(),
})
export type Usage = z.infer<typeof Usage>

export const RunError = z.object({ code: z.string(), message: z.string() })
export type RunError = z.infer<typeof RunError>

/** The inbound request as templates see it. */
export const InboundRequest = z.object({
  method: z.string(),
  headers: z.record(z.string(), z.string()),
  query: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
})
export type InboundRequest = z.infer<typeof InboundRequest>
