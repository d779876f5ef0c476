import type { Tool } from '../contract/agent.ts'
import { createCurrentTime } from './currentTime.ts'
import { createHttpTool, type HttpToolParts } from './httpTool.ts'
import { TemplateError } from './template.ts'
import type { RunTool } from './tool.ts'

/** Makes the tools of an agent ready to be called. */
export type BuildTools = (tools: readonly Tool[]) => RunTool[]

/**
 * Makes the function that turns the tools of an agent's configuration into ones that can be called. That one
 * throws TemplateError or Error, naming the tool, for a tool that cannot be used as it was saved.
 */
export function createBuildTools(parts: HttpToolParts & { now?: () => Date }): BuildTools {
  const { now = () => new Date() } = parts
  return (tools) =>
    tools.map((tool) => {
      if (tool.type === 'builtin') return createCurrentTime(now)
      try {
        return createHttpTool(tool, parts)
      } catch (error) {
        const message = `the tool ${tool.name}: ${error instanceof Error ? error.message : String(error)}`
        if (error instanceof TemplateError) throw new TemplateError(message, { cause: error })
        throw new Error(message, { cause: error })
      }
    })
}
