import type { BuiltinTool, Tool } from '../contract/agent.ts'
import { createAskPerson } from './builtin/askPerson.ts'
import { createCallbackTools } from './builtin/callbackTools.ts'
import { createCurrentTime } from './builtin/currentTime.ts'
import { createHttpTool, type HttpToolParts } from './httpTools/httpTool.ts'
import type { McpConnector } from './mcp/connector.ts'
import { createMcpTools } from './mcp/mcpTools.ts'
import { createOpenApiTools } from './openapi/openApiTools.ts'
import { TemplateError } from './templates/template.ts'
import type { RunTool } from './tool.ts'

/** Prepares an agent's tools for calls. */
export type BuildTools = (tools: readonly Tool[]) => RunTool[]

export type BuildToolsParts = HttpToolParts & { mcp: McpConnector; now?: () => Date }

/**
 * Creates the function that builds callable tools from an agent's configuration. It throws TemplateError or Error,
 * naming the tool, for a tool with an invalid stored configuration.
 */
export function createBuildTools(parts: BuildToolsParts): BuildTools {
  const { now = () => new Date() } = parts

  function buildBuiltin({ name }: BuiltinTool): RunTool[] {
    switch (name) {
      case 'current_time':
        return [createCurrentTime(now)]
      case 'wait_for_callback':
        return createCallbackTools()
      case 'ask_person':
        return [createAskPerson()]
    }
  }

  function build(tool: Tool): RunTool[] {
    switch (tool.type) {
      case 'builtin':
        return buildBuiltin(tool)
      case 'http':
        return [createHttpTool(tool, parts)]
      case 'mcp':
        return createMcpTools(tool, parts.mcp)
      case 'openapi':
        return createOpenApiTools(tool, parts)
    }
  }

  return (tools) =>
    tools.flatMap((tool) => {
      try {
        return build(tool)
      } catch (error) {
        const message = `the tool ${tool.name}: ${error instanceof Error ? error.message : String(error)}`
        if (error instanceof TemplateError) throw new TemplateError(message, { cause: error })
        throw new Error(message, { cause: error })
      }
    })
}
