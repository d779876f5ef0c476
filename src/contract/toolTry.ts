import { z } from 'zod'
import { Tool } from './agent.ts'
import { ApprovalRule, ImportedTool } from './toolParts.ts'
import { AgentOfTool } from './toolSource.ts'

/** Seconds that a try may take, whatever the tool allows. */
export const MAX_TRY_SECONDS = 60

export const ToolPreviewRequest = z
  .strictObject({
    tool: Tool,
    agent_id: AgentOfTool,
    refresh: z.boolean().default(false).meta({
      description: 'Reads the server or document again, even if the agent has an import',
    }),
  })
  .meta({ id: 'ToolPreviewRequest' })

/** What a model would see of a tool. */
export const ToolPreview = z
  .object({
    tool: Tool.meta({ description: 'The tool as saving would store it, with its import' }),
    data: z.array(
      z.object({
        ...ImportedTool.shape,
        source_name: z.string().nullable().meta({
          description: 'The operation of the document, or the tool of the server',
        }),
        approval: ApprovalRule.nullable(),
      }),
    ),
  })
  .meta({ id: 'ToolPreview' })
export type ToolPreview = z.infer<typeof ToolPreview>

export const ToolTryRequest = z
  .strictObject({
    tool: Tool,
    name: z.string().optional().meta({
      description: 'The name under which the model sees it; required if the tool has several',
    }),
    arguments: z.record(z.string(), z.unknown()).default({}),
    agent_id: AgentOfTool,
    confirm_write: z.boolean().default(false).meta({
      description: 'Must be true for a tool with access "write": the call is really made',
    }),
  })
  .meta({ id: 'ToolTryRequest' })

/** A request that was sent, with secrets masked. */
export const SentRequest = z.object({
  method: z.string().meta({ description: 'The HTTP method; tools/call for an MCP server' }),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string().nullable(),
})
export type SentRequest = z.infer<typeof SentRequest>

/** What became of a tool that was tried. */
export const ToolTry = z
  .object({
    outcome: z.enum(['ok', 'error', 'question']).meta({
      description: 'question: the tool asks a person a question before it continues',
    }),
    name: z.string(),
    access: z.enum(['read', 'write']),
    request: SentRequest.nullable().meta({
      description: 'Secrets are masked; null when nothing was sent',
    }),
    status: z.int().nullable().meta({ description: 'The HTTP status of the response' }),
    duration_ms: z.int(),
    result: z.string().meta({ description: 'The text that the model would see' }),
    truncated: z.boolean().meta({ description: 'true: result has only the first 262144 characters' }),
  })
  .meta({ id: 'ToolTry' })
export type ToolTry = z.infer<typeof ToolTry>
