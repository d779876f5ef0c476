import type { McpTool } from '../../contract/mcpTool.ts'
import type { OpenApiTool } from '../../contract/openApiTool.ts'
import type { FieldError } from '../../errors.ts'
import type { Writing } from '../liquid.ts'

/** A template and its scope: as a value, or as JSON text where its numbers have to keep their digits. */
export type RenderJob = {
  kind: 'render' | 'trace'
  text: string
  writing: Writing
  scope: { value: Record<string, unknown> } | { json: string }
}

/** What a thread can do. All of it is data: it is copied from one thread to another. */
export type Job =
  | RenderJob
  | { kind: 'validate' | 'mismatches'; schema: string; value: unknown }
  | { kind: 'check-schema'; schema: string }
  | ImportJob

/** A tool that stands for several, which are read from a server or a document. */
export type ImportableTool = McpTool | OpenApiTool

/** The tool with what was read; or what is wrong, at a pointer within the tool. */
export type ImportOutcome = { ok: true; tool: ImportableTool } | { ok: false; error: FieldError }

/** All that an import in a thread of its own has to know. */
export type ImportJob = {
  kind: 'import'
  tool: ImportableTool
  /** The secrets that the tool's templates name, as far as they exist. */
  secrets: ReadonlyMap<string, string>
  /** What may be reached besides public addresses. */
  allowPrivateNetworks: readonly string[]
  /** Our version, which servers are told. */
  version: string
  now: Date
}
