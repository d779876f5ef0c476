import { z } from 'zod'
import { Actor } from './audit.ts'
import { McpTool } from './mcpTool.ts'
import { Id, Name, Timestamp } from './name.ts'
import { OpenApiTool } from './openApiTool.ts'
import { ApprovalRule, JsonSchema, ToolAccess, ToolName, ToolTimeout } from './toolParts.ts'
import { Usd } from './usd.ts'

export { ApprovalRule, JsonSchema }

/**
 * An HTTP call available to the model. `url`, `headers` and `body` are Liquid templates over the arguments and
 * `secrets`.
 */
export const HttpTool = z
  .strictObject({
    type: z.literal('http'),
    name: ToolName,
    description: z.string().max(4096).meta({ description: 'Tells the model when and how to use it' }),
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
    url: z
      .string()
      .min(1)
      .max(8192)
      .meta({ description: 'A Liquid template over the arguments and secrets' }),
    parameters: JsonSchema.default({ type: 'object', properties: {} }),
    headers: z
      .record(z.string(), z.string())
      .optional()
      .meta({ description: 'Liquid templates over the arguments and secrets' }),
    body: z
      .string()
      .optional()
      .meta({ description: 'A Liquid template; by default the arguments are sent as JSON, except with GET' }),
    access: ToolAccess,
    idempotent: z.boolean().optional().meta({
      description: 'The endpoint honours Idempotency-Key: an interrupted call can be repeated safely',
    }),
    approval: ApprovalRule.optional().meta({
      description: 'When a call needs approval; by default, approvals.write_calls decides for write calls',
    }),
    timeout_seconds: ToolTimeout.optional(),
  })
  .meta({ id: 'HttpTool' })

/** A built-in tool. `wait_for_callback` gives the model two: `create_callback_url` and `wait_for_callback`. */
export const BuiltinTool = z
  .strictObject({
    type: z.literal('builtin'),
    name: z.enum(['current_time', 'wait_for_callback', 'ask_person']),
  })
  .meta({ id: 'BuiltinTool' })

export const Tool = z.discriminatedUnion('type', [HttpTool, OpenApiTool, McpTool, BuiltinTool])

export const Limits = z
  .strictObject({
    max_steps: z.int().min(1).max(1000).default(20).meta({ description: 'Model calls in one run' }),
    timeout_seconds: z
      .number()
      .positive()
      .max(43_200)
      .default(600)
      .meta({ description: 'Wall-clock time of the whole run' }),
    max_concurrent_runs: z
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .meta({ description: 'Runs of this agent at the same time, across all workers; no limit when absent' }),
    max_pending_tasks: z.int().min(1).max(1_000_000).optional().meta({
      description: 'Tasks that may wait for their first run; further requests get 429. No limit when absent',
    }),
    max_total_tokens: z.int().min(1).max(1_000_000_000).optional().meta({
      description: 'Input and output tokens of all model calls in one run; no limit when absent',
    }),
    max_conversation_tokens: z.int().min(200).max(1_000_000).optional().meta({
      description:
        'Tokens of earlier turns that a run in a conversation sees; older ones are summarised. 8000 when absent',
    }),
    max_cost_usd: z.number().positive().max(1_000_000).optional().meta({
      description: 'Maximum cost of the model calls in one run; requires a model with a known price',
    }),
    max_output_bytes: z.int().min(1).max(100_000_000).default(1_048_576).meta({
      description: 'Maximum model output in one run: text, reasoning and tool call arguments, in UTF-8',
    }),
    step_timeout_seconds: z
      .number()
      .positive()
      .max(43_200)
      .default(300)
      .meta({ description: 'Timeout of one model call' }),
    tool_timeout_seconds: z
      .number()
      .positive()
      .max(43_200)
      .default(60)
      .meta({ description: 'Timeout of one tool call, unless the tool sets its own' }),
  })
  .meta({ id: 'Limits' })

/** What an agent may use per day, in UTC. Once it is used up, new runs wait for the next day. */
export const Budget = z
  .strictObject({
    max_cost_usd_per_day: z.number().positive().max(1_000_000_000).optional(),
    max_tokens_per_day: z.int().min(1).max(1_000_000_000_000).optional(),
  })
  .meta({ id: 'Budget', description: 'Daily limits (UTC); new runs wait once a limit is reached' })

export const Retry = z
  .strictObject({
    max_attempts: z
      .int()
      .min(1)
      .max(20)
      .default(3)
      .meta({ description: 'Number of failed runs, not counting crashes, after which the task is FAILURE' }),
  })
  .meta({ id: 'Retry' })

export const Approvals = z
  .strictObject({
    write_calls: ApprovalRule.default('never').meta({
      description: 'When write calls need approval, for tools without their own "approval"',
    }),
    timeout_seconds: z
      .union([z.number().positive().max(31_536_000), z.literal('never')], {
        error: 'use a number of seconds above 0, at most 31536000 (a year), or "never"',
      })
      .default(86_400)
      .meta({
        description:
          'Time after which an undecided call is denied automatically, and a question is closed; "never": it waits ' +
          'until it is decided',
      }),
  })
  .meta({ id: 'Approvals' })

/** Changes to it: omitted fields are kept. A partial change must not remove the need for approval. */
const ApprovalsPatch = z.strictObject({
  write_calls: Approvals.shape.write_calls.unwrap().optional(),
  timeout_seconds: Approvals.shape.timeout_seconds.unwrap().optional(),
})

/** Which tools a run has when its sender was not verified. */
const UnverifiedSenders = z.enum(['all_tools', 'read_only']).meta({
  description: 'read_only: runs without a sender verified by signature get only tools with access read',
})

/** The configuration of an agent, as users write it. Every saved change creates a new revision. */
export const AgentConfig = z
  .strictObject({
    name: Name,
    description: z.string().max(10_000).optional(),
    title: z
      .string()
      .min(1)
      .max(1_000)
      .optional()
      .meta({
        description:
          'What its tasks are called in lists and notices: a Liquid template over payload, request, agent and now. ' +
          'Without it, the most telling field of the payload',
        example: 'Issue {{ payload.issue.number }}: {{ payload.issue.title }}',
      }),
    instructions: z
      .string()
      .max(200_000)
      .meta({ description: 'The system prompt: a Liquid template over payload, request, agent and now' }),
    message: z
      .string()
      .max(200_000)
      .optional()
      .meta({ description: 'The user message, a Liquid template; by default, the payload' }),
    model: z
      .string()
      .regex(/^[a-z]+\/.+$/, 'write provider/model, for example openai/gpt-5-mini')
      .meta({ description: 'provider/model', example: 'demo/assistant' }),
    tools: z.array(Tool).max(128).default([]),
    output_schema: JsonSchema.optional(),
    limits: Limits.prefault({}),
    budget: Budget.optional(),
    retry: Retry.prefault({}),
    approvals: Approvals.prefault({}),
    unverified_senders: UnverifiedSenders.default('all_tools'),
    keep_days: z.int().min(1).max(36_500).optional().meta({
      description: 'Days to keep its tasks after they end; BELLWIRE_KEEP_TASKS_DAYS when absent',
    }),
  })
  .meta({ id: 'AgentConfig' })

/**
 * A change to an agent. Each field present replaces the stored one as a whole, including `limits`, `retry` and `tools`;
 * `approvals` is merged. null removes an optional field.
 */
export const AgentPatch = z
  .strictObject({
    name: AgentConfig.shape.name.optional(),
    description: AgentConfig.shape.description.unwrap().nullish(),
    title: AgentConfig.shape.title.unwrap().nullish(),
    instructions: AgentConfig.shape.instructions.optional(),
    message: AgentConfig.shape.message.unwrap().nullish(),
    model: AgentConfig.shape.model.optional(),
    tools: AgentConfig.shape.tools.unwrap().optional(),
    output_schema: AgentConfig.shape.output_schema.unwrap().nullish(),
    limits: Limits.optional(),
    budget: Budget.nullish(),
    retry: Retry.optional(),
    approvals: ApprovalsPatch.optional(),
    unverified_senders: UnverifiedSenders.optional(),
    keep_days: AgentConfig.shape.keep_days.unwrap().nullish(),
  })
  .meta({ id: 'AgentPatch' })

/** An agent as returned by the API: its latest revision. */
export const Agent = z
  .object({ id: Id, revision: z.int(), ...AgentConfig.shape, created_at: Timestamp, updated_at: Timestamp })
  .meta({ id: 'Agent' })

/** One revision of an agent's configuration. */
export const Revision = z
  .object({
    agent_id: Id,
    revision: z.int(),
    config: AgentConfig,
    changed: z
      .array(z.string())
      .nullable()
      .meta({
        description:
          'JSON pointers of the fields that differ from the revision before; none when only imported tool definitions ' +
          'do. null for the first revision',
      }),
    author: Actor.nullable().meta({ description: 'Who saved it; null when that is not known' }),
    created_at: Timestamp,
  })
  .meta({ id: 'Revision' })

/** How many of an agent's latest tasks ran on each revision, and how they ended. */
export const RevisionRuns = z
  .object({
    counted: z.int().meta({ description: "How many of the agent's latest tasks are counted, at most 10000" }),
    is_complete: z.boolean().meta({ description: 'false when there are older tasks' }),
    revisions: z.array(
      z.object({
        revision: z.int(),
        tasks: z.int(),
        succeeded: z.int(),
        failed: z.int(),
        cost_usd: Usd.nullable().meta({ description: 'Of the runs with a known cost; null without any' }),
        last_task_at: Timestamp,
      }),
    ),
  })
  .meta({ id: 'RevisionRuns' })

export const DeleteAgentQuery = z.strictObject({
  tasks: z.enum(['cancel', 'finish']).optional().meta({
    description: 'What happens to unfinished tasks: cancel them, or let them finish',
  }),
})

export type AgentConfig = z.infer<typeof AgentConfig>
export type AgentPatch = z.infer<typeof AgentPatch>
export type Agent = z.infer<typeof Agent>
export type Revision = z.infer<typeof Revision>
export type RevisionRuns = z.infer<typeof RevisionRuns>
export type Tool = z.infer<typeof Tool>
export type BuiltinTool = z.infer<typeof BuiltinTool>
export type HttpTool = z.infer<typeof HttpTool>
export type Limits = z.infer<typeof Limits>
export type Budget = z.infer<typeof Budget>
