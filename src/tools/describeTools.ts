import type { Tool } from '../contract/agent.ts'
import type { ToolPreview } from '../contract/toolTry.ts'
import type { BuildTools } from './buildTools.ts'

/**
 * What a model would see of a tool.
 *
 * @param tool checked, and with its import
 */
export function describeTools(buildTools: BuildTools, tool: Tool): ToolPreview['data'] {
  const sources =
    tool.type === 'mcp'
      ? tool.imported?.tools.map((one) => one.tool)
      : tool.type === 'openapi'
        ? tool.imported?.operations.map((one) => one.operation)
        : undefined
  return buildTools([tool]).map(
    ({ name, description, parameters, access, idempotent, approval = null }, at) => ({
      name,
      description,
      parameters,
      access,
      idempotent,
      approval,
      source_name: sources?.[at] ?? null,
    }),
  )
}
