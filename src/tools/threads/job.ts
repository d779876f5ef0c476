import type { McpTool } from '../../contract/mcpTool.ts'
import type { OpenApiTool } from '../../contract/openApiTool.ts'
import type { ToolSource } from '../../contract/toolSource.ts'
import type { FieldError } from '../../errors.ts'
import type { Writing } from '../templates/liquid.ts'

/** A template and its scope: as a value, or as JSON text if its numbers must keep their digits. */
export type RenderJob = {
  kind: 'render' | 'trace'
  text: string
  writing: Writing
  scope: { value: Record<string, unknown> } | { json: string }
}

/** A value to check against a schema, or its JSON in UTF-8, which is faster to copy. */
export type MismatchesJob = { kind: 'mismatches'; schema: string } & (
  { value: unknown } | { json: Uint8Array }
)

/** A job for a thread. All of it is data: it is copied from one thread to another. */
export type Job =
  | RenderJob
  | { kind: 'validate'; schema: string; value: unknown }
  | MismatchesJob
  | { kind: 'check-schema'; schema: string }
  | ImportJob
  | OfferJob

/** A tool that stands for several, which are imported from a server or a document. */
export type ImportableTool = McpTool | OpenApiTool

/** The tool with its import; or the error, at a pointer within the tool. */
export type ImportOutcome = { ok: true; tool: ImportableTool } | { ok: false; error: FieldError }

/** What a thread needs to reach a server or a document. */
export type SourceAccess = {
  /** The secrets that the templates of the source name, as far as they exist. */
  secrets: ReadonlyMap<string, string>
  /** Networks that are allowed besides public addresses. */
  allowPrivateNetworks: readonly string[]
  /** Our version, which is reported to servers. */
  version: string
}

/** Everything needed for an import in its own thread. */
export type ImportJob = SourceAccess & { kind: 'import'; tool: ImportableTool; now: Date }

/** Lists what a source offers, before any of it is chosen. */
export type OfferJob = SourceAccess & { kind: 'offer'; source: ToolSource }
