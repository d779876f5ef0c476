import type { Tool } from '../contract/agent.ts'
import { jsonPointer } from '../contract/fieldErrors.ts'
import { secretNames } from '../contract/secretNames.ts'

/** A template of a tool, with the JSON pointer to it within the tool. */
export type ToolTemplate = { pointer: string; text: string }

/** All templates in a tool. */
export function toolTemplates(tool: Tool): ToolTemplate[] {
  switch (tool.type) {
    case 'http':
      return [...one('/url', tool.url), ...each('/headers', tool.headers), ...one('/body', tool.body)]
    case 'mcp':
      return [...one('/url', tool.url), ...each('/headers', tool.headers), ...each('/env', tool.env)]
    case 'openapi':
      return [...one('/url', tool.url), ...one('/server', tool.server), ...each('/auth', tool.auth)]
    case 'builtin':
      return []
  }
}

function one(pointer: string, text: string | undefined): ToolTemplate[] {
  return text === undefined ? [] : [{ pointer, text }]
}

function each(pointer: string, texts: Record<string, string> = {}): ToolTemplate[] {
  return Object.entries(texts).map(([name, text]) => ({ pointer: pointer + jsonPointer([name]), text }))
}

/** Names of the secrets that tools refer to. */
export function secretsUsedBy(tools: Tool[]): Set<string> {
  return new Set(tools.flatMap(toolTemplates).flatMap(({ text }) => [...secretNames(text)]))
}
