import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { Overview, OverviewQuery, type OverviewPeriod } from '../../contract/overview.ts'
import { json } from '../openapi/responses.ts'
import { problems } from '../problems/problem.ts'

/** `/api/overview`: how the instance is doing, and what needs a person. */
export function overviewRoutes({
  readOverview,
}: {
  readOverview: (period: OverviewPeriod) => Promise<Overview>
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/api/overview',
      {
        schema: {
          operationId: 'getOverview',
          tags: ['Usage'],
          summary: 'Get the figures of a period, and what needs a person',
          description:
            'Tasks and failures over time, durations, the queue, workers, spending; waiting approvals, failing ' +
            'agents, rising rejections, failing callbacks, silent webhooks and nearly used budgets. A response may be a ' +
            'few seconds old, and tasks accepted more than half an hour ago may have been counted minutes ago; those ' +
            'that were deleted since stay counted. Counting stops after a few seconds; counted_back_to then says how ' +
            'far it got.',
          querystring: OverviewQuery,
          response: { 200: json('The overview', Overview), ...problems(422) },
        },
      },
      ({ query }) => readOverview(query.period),
    )
    done()
  }
}
