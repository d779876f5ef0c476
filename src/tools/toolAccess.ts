import type { Tool } from '../contract/agent.ts'
import { builtinNames } from '../contract/builtinNames.ts'

/** What each tool of an agent does to others, by the name under which a model calls it. */
export function toolAccess(tools: readonly Tool[]): Map<string, 'read' | 'write'> {
  const access = new Map<string, 'read' | 'write'>()
  for (const tool of tools) {
    switch (tool.type) {
      case 'builtin':
        for (const name of builtinNames(tool)) access.set(name, 'read')
        break
      case 'http':
        access.set(tool.name, tool.access)
        break
      case 'mcp':
        for (const one of tool.imported?.tools ?? []) {
          access.set(one.name, tool.access?.[one.tool] ?? one.access)
        }
        break
      case 'openapi':
        for (const one of tool.imported?.operations ?? []) {
          access.set(one.name, tool.access?.[one.operation] ?? one.access)
        }
        break
    }
  }
  return access
}
