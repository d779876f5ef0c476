import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Prices } from '../../agents/prices.ts'
import { AgentConfig } from '../../contract/agent.ts'
import { ModelPrice, PricedModel, PriceList } from '../../contract/price.ts'
import { problems } from '../problems/problem.ts'
import { empty, json } from '../openapi/responses.ts'

const ModelParams = z.object({
  model: AgentConfig.shape.model.max(500).meta({
    description: 'provider/model, with each slash as %2F',
    example: 'local%2Fqwen3',
  }),
})

const PutHeaders = z.object({
  'if-none-match': z.literal('*').optional().meta({
    description: '*: set the price only if none is set for this model; otherwise the response is 412',
  }),
})

/** `/api/prices`: token prices of models. */
export function priceRoutes({ prices }: { prices: Prices }): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/api/prices',
      {
        schema: {
          operationId: 'listPrices',
          tags: ['Usage'],
          summary: 'List model prices',
          response: { 200: json('All prices, in US dollars per million tokens', PriceList) },
        },
      },
      async () => ({ data: await prices.list() }),
    )

    app.put(
      '/api/prices/:model',
      {
        schema: {
          operationId: 'putPrice',
          tags: ['Usage'],
          summary: 'Set the price of a model',
          description:
            'In US dollars per million tokens. It replaces the built-in list price for future calls; ' +
            'past usage keeps its cost.',
          params: ModelParams,
          headers: PutHeaders,
          body: ModelPrice,
          response: { 200: json('The price', PricedModel), ...problems(400, 412, 413, 415, 422) },
        },
      },
      ({ params, headers, body }) =>
        prices.set(params.model, body, { ifNew: headers['if-none-match'] !== undefined }),
    )

    app.delete(
      '/api/prices/:model',
      {
        schema: {
          operationId: 'deletePrice',
          tags: ['Usage'],
          summary: 'Delete a custom price',
          description: 'The built-in price applies again, if there is one.',
          params: z.object({ model: z.string() }),
          response: { 204: empty('Deleted'), ...problems(404) },
        },
      },
      async ({ params }, reply) => {
        await prices.delete(params.model)
        return reply.code(204).send()
      },
    )
    done()
  }
}
