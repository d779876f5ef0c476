import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { ModelProviderList, type ModelProvider } from '../../contract/model.ts'
import { json } from '../openapi/responses.ts'

/** `/api/model_providers`: the model providers available to agents. */
export function modelProviderRoutes({
  readProviders,
}: {
  readProviders: () => Promise<ModelProvider[]>
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/api/model_providers',
      {
        schema: {
          operationId: 'listModelProviders',
          tags: ['Models'],
          summary: 'List model providers and their configuration',
          response: { 200: json('All providers', ModelProviderList) },
        },
      },
      async () => ({ data: await readProviders() }),
    )
    done()
  }
}
