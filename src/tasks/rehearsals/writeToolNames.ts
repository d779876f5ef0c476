import type { Tool } from '../../contract/agent.ts'

/** The names, as the model sees them, of an agent's tools that change something. */
export function writeToolNames(tools: readonly Tool[]): ReadonlySet<string> {
  return new Set(tools.flatMap(namesOf))
}

function namesOf(tool: Tool): string[] {
  switch (tool.type) {
    case 'http':
      return tool.access === 'write' ? [tool.name] : []
    case 'openapi':
      return (tool.imported?.operations ?? []).filter(isWrite).map(({ name }) => name)
    case 'mcp':
      return (tool.imported?.tools ?? []).filter(isWrite).map(({ name }) => name)
    default:
      return []
  }
}

function isWrite({ access }: { access: 'read' | 'write' }): boolean {
  return access === 'write'
}
