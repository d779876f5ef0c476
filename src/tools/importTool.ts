import { McpTool } from '../contract/mcpTool.ts'
import { OpenApiTool } from '../contract/openApiTool.ts'
import { toStorable } from '../contract/storable.ts'
import type { FieldError } from '../errors.ts'
import { ImportError } from './importError.ts'
import type { McpConnector } from './mcp/connector.ts'
import { importMcp } from './mcp/importMcp.ts'
import { importOpenApi, type OpenApiImportParts } from './openapi/importOpenApi.ts'

/** A tool that stands for several, which are read from a server or a document. */
export type ImportableTool = McpTool | OpenApiTool

/** The tool with what was read; or what is wrong, at a pointer within the tool. */
export type ImportOutcome = { ok: true; tool: ImportableTool } | { ok: false; error: FieldError }

/** Makes the function that reads the tools of a server or the operations of a document, anew at each call. */
export function createToolImporter(
  parts: OpenApiImportParts & { mcp: McpConnector; now?: () => Date },
): (tool: ImportableTool) => Promise<ImportOutcome> {
  const { mcp, now = () => new Date() } = parts

  async function read(tool: ImportableTool) {
    return tool.type === 'mcp'
      ? McpTool.safeParse({ ...tool, imported: await importMcp(tool, mcp, now()) })
      : OpenApiTool.safeParse({
          ...tool,
          imported: toStorable(await importOpenApi(tool, parts, now())),
        })
  }

  return async (tool) => {
    try {
      // What comes from outside has to keep the rules of the contract, too.
      const { data, error } = await read(tool)
      if (data) return { ok: true, tool: data }
      const [issue] = error.issues
      const detail = `what was read there cannot be kept: ${issue?.path.join('.')} ${issue?.message}`
      return { ok: false, error: { pointer: tool.type === 'mcp' ? '/tools' : '/operations', detail } }
    } catch (error) {
      if (!(error instanceof ImportError)) throw error
      return { ok: false, error: { pointer: error.pointer, detail: error.message } }
    }
  }
}
