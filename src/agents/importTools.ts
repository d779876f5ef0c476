import type { Tool } from '../contract/agent.ts'
import { builtinNames } from '../contract/builtinNames.ts'
import { BellwireError, type FieldError } from '../errors.ts'

/** A tool that stands for several, which are imported from a server or a document. */
export type ImportableTool = Extract<Tool, { type: 'mcp' | 'openapi' }>

/** Imports them, over the network if needed. An error has a pointer within the tool. */
export type ImportTool = (
  tool: ImportableTool,
) => Promise<{ ok: true; tool: ImportableTool } | { ok: false; error: FieldError }>

/** Maximum number of tools of an agent; providers accept no more. */
const MAX_TOOLS = 128

/**
 * Gives each server or document tool its imported definitions. A tool that existed before with the same source keeps
 * its import, unless everything is to be read again; an import that has not changed is kept as it was.
 *
 * @throws BellwireError `schema_invalid` when an import fails or the result is inconsistent
 */
export async function importTools(
  tools: readonly Tool[],
  {
    before,
    importTool,
    afresh = false,
  }: { before: readonly Tool[]; importTool: ImportTool; afresh?: boolean },
): Promise<Tool[]> {
  const known = keepImports(tools, before)
  const outcomes = await Promise.all(
    known.map(async (tool, index) => {
      if (!isImportable(tool) || (tool.imported && !afresh)) return { tool, errors: [] }
      const outcome = await importTool(tool)
      if (outcome.ok) return { tool: unlessChanged(outcome.tool, tool), errors: [] }
      const { pointer, detail } = outcome.error
      return { tool, errors: [{ pointer: `/tools/${index}${pointer}`, detail }] }
    }),
  )
  const ready = outcomes.map(({ tool }) => tool)
  const unread = outcomes.flatMap(({ errors }) => errors)
  const errors = unread.length > 0 ? unread : [...checkOverrides(ready), ...checkNames(ready)]
  if (errors.length === 0) return ready
  throw new BellwireError('schema_invalid', 'These tools cannot be used.', { errors })
}

/** The tools with the import stored for the same source; the import sent by a caller is ignored. */
export function keepImports(tools: readonly Tool[], before: readonly Tool[]): Tool[] {
  return withoutImports(tools).map((tool) => {
    if (!isImportable(tool)) return tool
    const same = before.find((other) => isImportable(other) && sourceOf(other) === sourceOf(tool))
    return same && isImportable(same) && same.imported ? withImport(tool, same) : tool
  })
}

/** The tools as users write them, without imports. */
export function withoutImports(tools: readonly Tool[]): Tool[] {
  return tools.map((tool) => {
    if (!isImportable(tool)) return tool
    const { imported: _imported, ...written } = tool
    return written
  })
}

function isImportable(tool: Tool): tool is ImportableTool {
  return tool.type === 'mcp' || tool.type === 'openapi'
}

/** The fields that determine what is imported. Settings for single tools apply when these are called. */
function sourceOf(tool: ImportableTool): string {
  const {
    imported: _imported,
    access: _access,
    approval: _approval,
    timeout_seconds: _timeout,
    ...source
  } = tool
  return JSON.stringify(source)
}

function withImport(tool: ImportableTool, from: ImportableTool): Tool {
  if (tool.type === 'mcp' && from.type === 'mcp') return { ...tool, imported: from.imported }
  if (tool.type === 'openapi' && from.type === 'openapi') return { ...tool, imported: from.imported }
  return tool
}

function unlessChanged(fresh: ImportableTool, before: ImportableTool): Tool {
  const content = ({ imported }: ImportableTool): string =>
    JSON.stringify({ ...imported, imported_at: undefined })
  return before.imported && content(fresh) === content(before) ? before : fresh
}

/** Checks that `access` and `approval` refer to existing tools. */
function checkOverrides(tools: readonly Tool[]): FieldError[] {
  return tools.flatMap((tool, index) => {
    if (!isImportable(tool)) return []
    const known = new Set(tool.type === 'mcp' ? tool.imported?.tools.map((one) => one.tool) : tool.operations)
    return (['access', 'approval'] as const).flatMap((field) =>
      Object.keys(tool[field] ?? {})
        .filter((name) => !known.has(name))
        .map((name) => ({
          pointer: `/tools/${index}/${field}`,
          detail: `${name} is not one of its tools; they are ${[...known].slice(0, 20).join(', ')}`,
        })),
    )
  })
}

function checkNames(tools: readonly Tool[]): FieldError[] {
  const errors: FieldError[] = []
  const taken = new Map<string, Tool>()
  for (const [index, tool] of tools.entries()) {
    for (const name of namesOf(tool)) {
      const other = taken.get(name)
      taken.set(name, tool)
      if (!other || other === tool) continue
      const detail = `this creates a tool ${name}, and so does ${other.name}`
      errors.push({ pointer: `/tools/${index}/name`, detail })
    }
  }
  if (taken.size <= MAX_TOOLS) return errors
  return [
    ...errors,
    { pointer: '/tools', detail: `there are ${taken.size} tools; at most ${MAX_TOOLS} are allowed` },
  ]
}

/** The tool names that the model sees for one configured tool. */
function namesOf(tool: Tool): string[] {
  if (tool.type === 'mcp') return tool.imported?.tools.map(({ name }) => name) ?? []
  if (tool.type === 'openapi') return tool.imported?.operations.map(({ name }) => name) ?? []
  return tool.type === 'builtin' ? builtinNames(tool) : [tool.name]
}
