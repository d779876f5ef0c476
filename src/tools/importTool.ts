import { importWith } from './importHere.ts'
import type { GuardedFetch } from './guardedFetch.ts'
import type { McpConnector } from './mcp/connector.ts'
import type { SecretLookup } from './secretValues.ts'
import { parseTemplate } from './template.ts'
import { WorkLimitError } from './threads/threadPool.ts'
import type { ImportableTool, ImportOutcome } from './threads/job.ts'
import { inThread } from './threads/threads.ts'

export type ToolImporterParts = {
  fetch: GuardedFetch
  secrets: SecretLookup
  mcp: McpConnector
  allowPrivateNetworks: readonly string[]
  version: string
  now?: () => Date
}

/**
 * Creates the function that imports the tools of a server or the operations of a document, again on each call. It works
 * in a thread that is ended at its limits; only a program allowed by the operator is contacted from this thread, since
 * it must end with this process.
 */
export function createToolImporter(
  parts: ToolImporterParts,
): (tool: ImportableTool) => Promise<ImportOutcome> {
  const { secrets, allowPrivateNetworks, version, now = () => new Date() } = parts

  return async (tool) => {
    if (tool.type === 'mcp' && tool.command !== undefined) return importWith(tool, { ...parts, now: now() })
    const values = await readKnown(namesIn(tool), secrets)
    const job = { kind: 'import', tool, secrets: values, allowPrivateNetworks, version, now: now() } as const
    try {
      return toOutcome(await inThread(job, tool.url ?? tool.name))
    } catch (error) {
      if (!(error instanceof WorkLimitError)) throw error
      const pointer = tool.url === undefined ? '/document' : '/url'
      return { ok: false, error: { pointer, detail: `importing it was stopped: ${error.message}` } }
    }
  }
}

/** Secrets that a tool's templates refer to. */
function namesIn(tool: ImportableTool): string[] {
  const more = tool.type === 'mcp' ? tool.headers : tool.auth
  const server = tool.type === 'openapi' ? tool.server : undefined
  return [tool.url, server, ...Object.values(more ?? {})]
    .filter((text) => text !== undefined)
    .flatMap((text) => parseTemplate(text).secrets)
}

async function readKnown(names: readonly string[], secrets: SecretLookup): Promise<Map<string, string>> {
  const known = new Map<string, string>()
  for (const name of new Set(names)) {
    const value = await secrets(name)
    if (value !== undefined) known.set(name, value)
  }
  return known
}

function toOutcome(value: unknown): ImportOutcome {
  if (typeof value === 'object' && value !== null && 'ok' in value) return value as ImportOutcome
  throw new Error('a thread returned something other than an import')
}
