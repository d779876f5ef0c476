import type { ToolOffer } from '../../contract/toolSource.ts'
import { toStorable } from '../../contract/storable.ts'
import { MAX_OFFERED, oneLine } from '../imports/offerLine.ts'
import type { McpConnector, McpServer } from './connector.ts'
import { descriptionOf, effectOf, listTools } from './importMcp.ts'

/**
 * Lists the tools of a server that an agent can be given.
 *
 * @throws ImportError
 */
export async function offerMcp(config: McpServer, connector: McpConnector): Promise<ToolOffer> {
  const { server, tools, redact } = await listTools(config, connector)
  const offer: ToolOffer = {
    title: server?.name ?? '',
    version: server?.version ?? '',
    total: tools.length,
    data: tools.slice(0, MAX_OFFERED).map((tool) => {
      const { access, approval } = effectOf(tool)
      const summary = oneLine(descriptionOf(tool))
      return { name: tool.name, summary, access, ...(approval === undefined ? {} : { approval }) }
    }),
    schemes: [],
  }
  return toStorable(offer, redact)
}
