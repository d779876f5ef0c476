import { z } from 'zod'
import { isAtMostDeep } from './depth.ts'
import { Timestamp } from './name.ts'

/** A JSON Schema document. Whether it is valid is checked when it is saved. */
export const JsonSchema = z
  .record(z.string(), z.unknown())
  .refine((schema) => isAtMostDeep(schema, 100), 'is nested too deeply')
  .meta({ description: 'A JSON Schema (2020-12)' })
export type JsonSchema = z.infer<typeof JsonSchema>

/** Headers that control how and where a request is sent: set by the sender itself. In lower case. */
export const SENDERS_OWN_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** A tool name for the model: every provider accepts these names. */
export const ToolName = z
  .string()
  .regex(/^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/, 'use letters, digits, _ and -, at most 64')

/** The prefix of the names of all tools from one source. */
export const ToolPrefix = z
  .string()
  .regex(/^[a-zA-Z_][a-zA-Z0-9_-]{0,31}$/, 'use letters, digits, _ and -, at most 32')

export const ToolAccess = z.enum(['read', 'write']).meta({ description: 'write: a call changes something' })
export type ToolAccess = z.infer<typeof ToolAccess>

/** Timeout of one call, in seconds. */
export const ToolTimeout = z
  .number()
  .positive()
  .max(43_200)
  .meta({ description: 'Timeout of one call; by default limits.tool_timeout_seconds' })

/** When a call waits for approval before it is made. */
export const ApprovalRule = z.enum(['never', 'always', 'unverified']).meta({
  description: 'unverified: when the sender of the request was not verified by its signature',
})
export type ApprovalRule = z.infer<typeof ApprovalRule>

/** A tool as the model sees it, with the properties given by its source. */
export const ImportedTool = z.object({
  name: ToolName.meta({ description: 'The tool name shown to the model' }),
  description: z.string(),
  parameters: JsonSchema,
  access: ToolAccess,
  idempotent: z.boolean().meta({ description: 'An interrupted call can be repeated safely' }),
})

export const ImportedAt = Timestamp.meta({ description: 'When this version was first imported' })
