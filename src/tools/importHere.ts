import { issueDetail } from '../contract/issueDetail.ts'
import { McpTool } from '../contract/mcpTool.ts'
import { OpenApiTool } from '../contract/openApiTool.ts'
import { toStorable } from '../contract/storable.ts'
import { createGuardedFetch } from './guardedFetch.ts'
import { ImportError } from './importError.ts'
import type { ImportableTool, ImportJob, ImportOutcome } from './threads/job.ts'
import { createMcpConnector, type McpConnector } from './mcp/connector.ts'
import { importMcp } from './mcp/importMcp.ts'
import { importOpenApi, type OpenApiImportParts } from './openapi/importOpenApi.ts'

/** Maximum bytes of an OpenAPI document. Those of large APIs have about 12 MB. */
const MAX_DOCUMENT_BYTES = 32 * 1024 * 1024

/** Maximum bytes of one response of an MCP server. */
const MAX_LIST_BYTES = 4 * 1024 * 1024

/** Imports the tools of a server or the operations of a document, in this thread. */
export async function importHere(job: ImportJob): Promise<ImportOutcome> {
  const { tool, allowPrivateNetworks, version, now } = job
  const maxBytes = tool.type === 'mcp' ? MAX_LIST_BYTES : MAX_DOCUMENT_BYTES
  const fetch = createGuardedFetch({ allowPrivateNetworks, maxBytes })
  const secrets = (name: string) => Promise.resolve(job.secrets.get(name))
  const mcp = createMcpConnector({ fetch, secrets, commands: [], environment: {}, version })
  try {
    return await importWith(tool, { fetch, secrets, mcp, now })
  } finally {
    await mcp.close()
    await fetch.close()
  }
}

/** Imports them; external data must match the contract, too. */
export async function importWith(
  tool: ImportableTool,
  { mcp, now, ...parts }: OpenApiImportParts & { mcp: McpConnector; now: Date },
): Promise<ImportOutcome> {
  try {
    const { data, error } =
      tool.type === 'mcp'
        ? McpTool.safeParse({ ...tool, imported: await importMcp(tool, mcp, now) })
        : OpenApiTool.safeParse({ ...tool, imported: toStorable(await importOpenApi(tool, parts, now)) })
    if (data) return { ok: true, tool: data }
    const [issue] = error.issues
    const detail = `the import cannot be stored: ${issue ? `${issue.path.join('.')} ${issueDetail(issue)}` : ''}`
    return { ok: false, error: { pointer: tool.type === 'mcp' ? '/tools' : '/operations', detail } }
  } catch (error) {
    if (!(error instanceof ImportError)) throw error
    return { ok: false, error: { pointer: error.pointer, detail: error.message } }
  }
}
