import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { FilterTry, FilterTryAnswer } from '../../contract/filterTry.ts'
import { Id } from '../../contract/name.ts'
import type { FilterTryOptions } from '../../ingress/filterTry/tryFilter.ts'
import type { Webhooks } from '../../webhooks/webhooks.ts'
import { json } from '../openapi/responses.ts'
import { problems } from '../problems/problem.ts'

/** `/api/webhooks/{id}/filter/try`: what a filter would have made of the latest requests. */
export function filterTryRoutes({
  webhooks,
  tryFilter,
}: {
  webhooks: Pick<Webhooks, 'find'>
  tryFilter: (options: FilterTryOptions) => Promise<FilterTryAnswer>
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.post(
      '/api/webhooks/:id/filter/try',
      {
        schema: {
          operationId: 'tryFilter',
          tags: ['Webhooks'],
          summary: 'Try a filter on the latest requests',
          description:
            'Evaluates a filter on the latest requests of the webhook, and compares with what their runs did and cost. Changes nothing.',
          params: z.object({ id: Id }),
          body: FilterTry,
          response: {
            200: json('What the filter would have done', FilterTryAnswer),
            ...problems(400, 404, 413, 415, 422, 503),
          },
        },
      },
      async ({ params, body }) => {
        const { id, agentId, options } = await webhooks.find(params.id)
        return tryFilter({ webhook: { id, agentId, source: options.source }, ...body })
      },
    )
    done()
  }
}
