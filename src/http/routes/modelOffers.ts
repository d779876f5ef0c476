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
            'Each provider is asked for its list, for four seconds at most, and the answer counts for a minute. A ' +
            'provider that does not answer has an "error" in "providers"; of OpenAI, Anthropic and Google the ' +
            'well-known models are then listed all the same, with "listed": null. What a model can do is what its ' +
            'provider says, or what is known of the model. An agent may also use a model that is not in the list.',
          querystring: ModelOffersQuery,
          response: {
            200: json('Models, and what became of asking each provider', ModelOffers),
            ...problems(422),
          },
        },
      },
      ({ query: { provider, refresh } }) => readOffers({ provider, refresh: refresh === 'true' }),
    )
    done()
  }
}
