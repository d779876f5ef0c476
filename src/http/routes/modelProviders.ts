import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { ModelProviderList, type ModelProvider } from '../../contract/model.ts'
import { json } from '../openapi/responses.ts'

/** `/api/model_providers`: which models an agent can have. */
export function modelProviderRoutes({ providers }: { providers: ModelProvider[] }): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/api/model_providers',
      {
        schema: {
          operationId: 'listModelProviders',
          tags: ['Agents'],
          summary: 'List the providers of models, and what is configured',
          response: { 200: json('All providers', ModelProviderList) },
        },
      },
      () => ({ data: providers }),
    )
    done()
  }
}
