import type { Prices } from '../../agents/prices.ts'
import type { ModelProviders } from '../../modelProviders/modelProviders.ts'
import { knowProviders } from '../../models/providers.ts'
import { checkJsonSchema } from '../../tools/schemas/jsonSchema.ts'
import type { McpConnector } from '../../tools/mcp/connector.ts'
import { checkTemplate } from '../../tools/templates/template.ts'
import { checkUrlTemplate } from '../../tools/templates/urlTemplate.ts'

/** Creates the checks of an agent's configuration. Each returns what is wrong, or undefined. */
export function createAgentChecks({
  providers,
  prices,
  mcp,
}: {
  providers: ModelProviders
  prices: Prices
  mcp: McpConnector
}) {
  const detail = (check: { ok: true } | { ok: false; detail: string }) =>
    check.ok ? undefined : check.detail
  return {
    model: async (ref: string) => detail(knowProviders(await providers.read({ afresh: true })).check(ref)),
    /**
     * The same, from what was read in the last few seconds, for checks within a transaction, which hold a connection.
     */
    modelSoon: async (ref: string) => detail(knowProviders(await providers.read()).check(ref)),
    template: (text: string, known?: readonly string[]) => detail(checkTemplate(text, known)),
    urlTemplate: async (text: string, known?: readonly string[]) =>
      detail(await checkUrlTemplate(text, known)),
    jsonSchema: async (schema: unknown) => detail(await checkJsonSchema(schema)),
    hasPrice: async (model: string) => (await prices.of(model, { afresh: true })) !== undefined,
    command: mcp.checkCommand,
  }
}
