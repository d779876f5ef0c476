import { issueDetail } from '../../contract/issueDetail.ts'
import { McpTool } from '../../contract/mcpTool.ts'
import { OpenApiTool } from '../../contract/openApiTool.ts'
import { toStorable } from '../../contract/storable.ts'
import { createGuardedFetch } from '../guardedFetch.ts'
import { ImportError } from './importError.ts'
import { offerWith, type OfferOutcome } from './offer.ts'
import type { ImportableTool, ImportJob, ImportOutcome, OfferJob, SourceAccess } from '../threads/job.ts'
import { createMcpConnector, type McpConnector } from '../mcp/connector.ts'
import { importMcp } from '../mcp/importMcp.ts'
import { importOpenApi } from '../openapi/importOpenApi.ts'
import type { OpenApiImportParts } from '../openapi/readSource.ts'

/** Maximum bytes of an OpenAPI document. Those of large APIs have about 12 MB. */
const MAX_DOCUMENT_BYTES = 32 * 1024 * 1024

/** Maximum bytes of one response of an MCP server. */
const MAX_LIST_BYTES = 4 * 1024 * 1024

/** Imports the tools of a server or the operations of a document, in this thread. */
export function importHere(job: ImportJob): Promise<ImportOutcome> {
  return withAccess(job, job.tool.type, (parts) => importWith(job.tool, { ...parts, now: job.now }))
}

/** Lists the tools of a server or the operations of a document, in this thread. */
export function offerHere(job: OfferJob): Promise<OfferOutcome> {
  return withAccess(job, job.source.type, (parts) => offerWith(job.source, parts))
}

/** Gives the work what it needs to reach other systems, and closes it afterwards. */
async function withAccess<T>(
  job: SourceAccess,
  type: ImportableTool['type'],
  work: (parts: OpenApiImportParts & { mcp: McpConnector }) => Promise<T>,
): Promise<T> {
  const { allowPrivateNetworks, version } = job
  const maxBytes = type === 'mcp' ? MAX_LIST_BYTES : MAX_DOCUMENT_BYTES
  const fetch = createGuardedFetch({ allowPrivateNetworks, maxBytes })
  const secrets = (name: string) => Promise.resolve(job.secrets.get(name))
  const mcp = createMcpConnector({ fetch, secrets, commands: [], environment: {}, version })
  try {
    return await work({ fetch, secrets, mcp })
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
