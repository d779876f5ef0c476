import type { McpImport, McpTool } from '../../contract/mcpTool.ts'
import { toStorable } from '../../contract/storable.ts'
import { ImportError, refuseLarge } from '../imports/importError.ts'
import { checkSchema } from '../schemas/schemaCompiler.ts'
import { modelNames } from '../modelName.ts'
import type { Tool } from './client.ts'
import type { McpConnector, McpServer } from './connector.ts'
import { McpError } from './mcpError.ts'

/** Maximum tools of an agent. */
const MAX_TOOLS = 128

/** Maximum characters of a description that are stored. */
const MAX_DESCRIPTION = 4096

/**
 * Lists the tools of a server, and keeps the selected ones.
 *
 * @throws ImportError
 */
export async function importMcp(config: McpTool, connector: McpConnector, now: Date): Promise<McpImport> {
  const { server, tools, redact } = await listTools(config, connector)
  const chosen = choose(config.tools, tools)
  const names = modelNames(
    config.name,
    chosen.map((tool) => tool.name),
  )
  const imported: McpImport = {
    imported_at: now.toISOString(),
    ...(server ? { server: toStorable(server, redact) } : {}),
    tools: chosen.map((tool, at) => importTool(toStorable(tool, redact), names[at] ?? tool.name)),
  }
  refuseLarge(imported, '/tools')
  return imported
}

/**
 * Lists all tools of a server.
 *
 * @throws ImportError
 */
export async function listTools(config: McpServer, connector: McpConnector) {
  try {
    const connection = await connector.prepare(config).connect()
    try {
      return {
        server: connection.server,
        tools: await connection.listTools(),
        redact: connection.redact,
      }
    } finally {
      await connection.close()
    }
  } catch (error) {
    if (!(error instanceof McpError)) throw error
    throw new ImportError(config.url === undefined ? '/command' : '/url', error.message, {
      cause: error,
    })
  }
}

function choose(wanted: readonly string[] | undefined, tools: Tool[]): Tool[] {
  const known = new Map(tools.map((tool) => [tool.name, tool]))
  if (known.size === 0) throw new ImportError('/url', 'the server has no tools')
  if (!wanted && known.size <= MAX_TOOLS) return [...known.values()]
  if (!wanted) {
    throw new ImportError(
      '/tools',
      `the server has ${known.size} tools, and an agent can have ${MAX_TOOLS}: list the ones it needs here`,
    )
  }
  return [...new Set(wanted)].map((name) => {
    const tool = known.get(name)
    if (tool) return tool
    const others = [...known.keys()].slice(0, 20).join(', ')
    throw new ImportError('/tools', `the server has no tool ${name}; it has ${others}`)
  })
}

/** What a server says that a tool does; without a hint it counts as a write. */
export function effectOf({ annotations: hints = {} }: Tool) {
  const isRead = hints.readOnlyHint === true
  return {
    access: isRead ? ('read' as const) : ('write' as const),
    idempotent: isRead || hints.idempotentHint === true,
    ...(!isRead && hints.destructiveHint === true ? { approval: 'always' as const } : {}),
  }
}

/** What a server says about a tool, in any of the places for it. */
export function descriptionOf({ description, title, annotations }: Tool): string {
  return description ?? title ?? annotations?.title ?? ''
}

function importTool(tool: Tool, name: string): McpImport['tools'][number] {
  const { $schema: dialect, ...schema } = tool.inputSchema
  const isDraft7 = typeof dialect === 'string' && dialect.includes('draft-07')
  // Servers name unsupported dialects; the newest is close enough to those.
  const parameters = { ...(isDraft7 ? { $schema: dialect } : {}), ...schema, type: 'object' }
  const check = checkSchema(parameters)
  if (!check.ok) {
    throw new ImportError(
      '/tools',
      `the parameters of ${tool.name} are not a valid JSON Schema: ${check.detail}`,
    )
  }
  return {
    tool: tool.name,
    name,
    description: descriptionOf(tool).slice(0, MAX_DESCRIPTION).toWellFormed(),
    parameters,
    ...effectOf(tool),
  }
}
