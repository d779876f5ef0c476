import type { Tool } from '../contract/agent.ts'
import { jsonPointer } from '../contract/fieldErrors.ts'
import { evaluatedParts } from '../contract/templateParts.ts'

/** `secrets.NAME` or `secrets["NAME"]`. */
const REFERENCE = /\bsecrets\s*(?:\.\s*|\[\s*["'])([A-Za-z_][A-Za-z0-9_]*)/g

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

/** Names of the secrets that a template refers to. */
export function secretNames(template: string): Set<string> {
  const names = evaluatedParts(template).flatMap((part) =>
    [...part.matchAll(REFERENCE)].map((match) => match[1] ?? ''),
  )
  return new Set(names)
}

/** Names of the secrets that tools refer to. */
export function secretsUsedBy(tools: Tool[]): Set<string> {
  return new Set(tools.flatMap(toolTemplates).flatMap(({ text }) => [...secretNames(text)]))
}
