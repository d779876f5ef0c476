import type { z } from 'zod'
import type { Tool } from '../../../../../src/contract/agent.ts'
import type * as source from '../../../../../src/contract/toolSource.ts'
import type * as trial from '../../../../../src/contract/toolTry.ts'
import { call } from '../../../api/client.ts'

export type ToolOffer = z.infer<typeof source.ToolOffer>
export type SourceTool = z.infer<typeof source.SourceTool>
export type ToolPreview = z.infer<typeof trial.ToolPreview>
export type ToolTry = z.infer<typeof trial.ToolTry>

/** The agent that a tool belongs to, if it is saved. */
const ofAgent = (agentId: string | undefined) => (agentId === undefined ? {} : { agent_id: agentId })

/** What a document or a server offers. */
export function askOffer(source: unknown): Promise<ToolOffer> {
  return call('POST', 'api/tools/offer', { body: { source } })
}

/** What a model would see of a tool. */
export function previewTool(
  tool: unknown,
  { agentId, refresh = false }: { agentId: string | undefined; refresh?: boolean },
): Promise<ToolPreview> {
  return call('POST', 'api/tools/preview', { body: { tool, refresh, ...ofAgent(agentId) } })
}

/** Makes one call of a tool. */
export function tryTool(
  tool: unknown,
  {
    agentId,
    ...options
  }: { agentId: string | undefined; name: string; arguments: unknown; confirm_write: boolean },
): Promise<ToolTry> {
  return call('POST', 'api/tools/try', { body: { tool, ...options, ...ofAgent(agentId) } })
}

/** What changed since a tool was imported. */
export type ImportChanges = { added: string[]; removed: string[]; changed: string[] }

/**
 * Compares two imports of a tool by what the model sees, and what a call does.
 *
 * @param before undefined when it was never imported: then everything is new
 */
export function importChanges(before: Tool | undefined, after: Tool): ImportChanges {
  const [old, fresh] = [importedByKey(before), importedByKey(after)]
  return {
    added: [...fresh.keys()].filter((key) => !old.has(key)),
    removed: [...old.keys()].filter((key) => !fresh.has(key)),
    changed: [...fresh].flatMap(([key, text]) => (old.has(key) && old.get(key) !== text ? [key] : [])),
  }
}

function importedByKey(tool: Tool | undefined): Map<string, string> {
  if (tool?.type === 'mcp') {
    return new Map(tool.imported?.tools.map((one) => [one.tool, JSON.stringify(one)]))
  }
  if (tool?.type === 'openapi') {
    return new Map(tool.imported?.operations.map((one) => [one.operation, JSON.stringify(one)]))
  }
  return new Map()
}
