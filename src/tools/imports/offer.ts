import type { ToolOffer, ToolSource } from '../../contract/toolSource.ts'
import type { FieldError } from '../../errors.ts'
import { ImportError } from './importError.ts'
import type { McpConnector } from '../mcp/connector.ts'
import { offerMcp } from '../mcp/offerMcp.ts'
import { offerOpenApi } from '../openapi/offerOpenApi.ts'
import type { OpenApiImportParts } from '../openapi/readSource.ts'

/** What a source offers; or the error, at a pointer within the source. */
export type OfferOutcome = { ok: true; offer: ToolOffer } | { ok: false; error: FieldError }

/** Asks a server or reads a document for the tools that can be chosen. */
export async function offerWith(
  source: ToolSource,
  { mcp, ...parts }: OpenApiImportParts & { mcp: McpConnector },
): Promise<OfferOutcome> {
  try {
    const offer = source.type === 'mcp' ? await offerMcp(source, mcp) : await offerOpenApi(source, parts)
    return { ok: true, offer }
  } catch (error) {
    if (!(error instanceof ImportError)) throw error
    return { ok: false, error: { pointer: error.pointer, detail: error.message } }
  }
}
