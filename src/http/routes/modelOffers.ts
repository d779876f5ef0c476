import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { ModelOffers, ModelOffersQuery } from '../../contract/modelOffer.ts'
import { json } from '../openapi/responses.ts'
import { problems } from '../problems/problem.ts'

/** `/api/models`: the models that the configured providers offer. */
export function modelOfferRoutes({
  readOffers,
}: {
  readOffers: (query: { provider?: string | undefined; refresh?: boolean }) => Promise<ModelOffers>
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/api/models',
      {
        schema: {
          operationId: 'listModels',
          tags: ['Models'],
          summary: 'List the models that the configured providers offer',
          description:
            'Bellwire requests the list of each provider, for at most four seconds, and caches it for a minute. A ' +
            'provider that does not respond has an "error" in "providers"; for OpenAI, Anthropic and Google, ' +
            'well-known models are then listed with "listed": null. Capabilities are those that the provider lists, ' +
            'or that are known for the model. An agent may also use a model that is not in the list.',
          querystring: ModelOffersQuery,
          response: {
            200: json('Models, and the outcome for each provider', ModelOffers),
            ...problems(422),
          },
        },
      },
      ({ query: { provider, refresh } }) => readOffers({ provider, refresh: refresh === 'true' }),
    )
    done()
  }
}
