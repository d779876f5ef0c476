import { z } from 'zod'
import { McpTool } from './mcpTool.ts'
import { Id } from './name.ts'
import { OpenApiTool } from './openApiTool.ts'
import { ApprovalRule, ToolAccess } from './toolParts.ts'

const { url, document } = OpenApiTool.shape

/** An OpenAPI document from which operations are chosen. */
const OpenApiSource = z
  .strictObject({ type: z.literal('openapi'), url, document })
  .refine((source) => (source.url === undefined) !== (source.document === undefined), {
    path: ['url'],
    message: 'give either a url or a document',
  })

/** An MCP server from which tools are chosen. */
const McpSource = z
  .strictObject({
    type: z.literal('mcp'),
    url: McpTool.shape.url,
    headers: McpTool.shape.headers,
    command: McpTool.shape.command,
    args: McpTool.shape.args,
    env: McpTool.shape.env,
  })
  .refine((source) => (source.url === undefined) !== (source.command === undefined), {
    path: ['url'],
    message: 'give either a url or a command',
  })

/** Where tools come from, before any are chosen. */
export const ToolSource = z.discriminatedUnion('type', [OpenApiSource, McpSource])
export type ToolSource = z.infer<typeof ToolSource>

/** An operation or a tool that can be chosen. */
export const SourceTool = z.object({
  name: z
    .string()
    .meta({ description: 'As it is named in "operations" of a document, or "tools" of a server' }),
  method: z.string().optional().meta({ description: 'Of an operation' }),
  path: z.string().optional().meta({ description: 'Of an operation' }),
  summary: z.string(),
  access: ToolAccess,
  approval: ApprovalRule.optional().meta({ description: 'always: the server marks it as destructive' }),
  deprecated: z.boolean().optional(),
  fault: z.string().optional().meta({ description: 'Why it cannot be chosen' }),
})
export type SourceTool = z.infer<typeof SourceTool>

/** A credential that a document asks for. */
export const SourceScheme = z.object({
  name: z.string().meta({ description: 'Its key in "auth"' }),
  type: z.string().meta({ description: 'apiKey, http bearer, http basic, oauth2, ...' }),
  description: z.string().optional(),
})

/** What a document or a server offers. */
export const ToolOffer = z
  .object({
    title: z.string(),
    version: z.string(),
    total: z.int().meta({ description: 'How many there are; `data` has at most 5000' }),
    data: z.array(SourceTool),
    schemes: z.array(SourceScheme).meta({ description: 'Security schemes of a document' }),
  })
  .meta({ id: 'ToolOffer' })
export type ToolOffer = z.infer<typeof ToolOffer>

export const ToolOfferRequest = z
  .strictObject({
    source: ToolSource,
  })
  .meta({ id: 'ToolOfferRequest' })

export const AgentOfTool = Id.optional().meta({
  description: 'The agent that has the tool: what was imported for it is used again',
})
