import type { FastifyReply } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { Budget } from '../../contract/agent.ts'
import { InstanceBudget } from '../../contract/budget.ts'
import { etagOf, IfMatchHeaders, parseIfMatch } from '../../contract/ifMatch.ts'
import { UsageQuery, UsageReport } from '../../contract/usageReport.ts'
import type { Database } from '../../db/database.ts'
import { readInstanceBudget, writeInstanceBudget } from '../../tasks/budgets/budget.ts'
import { reportUsage } from '../../tasks/budgets/usage.ts'
import { checkAgentId } from '../plumbing/checkAgentId.ts'
import { problems } from '../problems/problem.ts'
import { json } from '../openapi/responses.ts'

/** `/api/usage` and `/api/budget`: usage, and daily limits. */
export function usageRoutes({ db }: { db: Database }): FastifyPluginCallbackZod {
  async function sendBudget(reply: FastifyReply): Promise<InstanceBudget> {
    const budget = await readInstanceBudget(db)
    void reply.header('etag', etagOf(budget.version))
    return budget
  }

  return (app, _options, done) => {
    app.get(
      '/api/usage',
      {
        schema: {
          operationId: 'getUsage',
          tags: ['Usage'],
          summary: 'Get model usage by day, agent or model',
          description:
            'Days are in UTC. A call counts once, on the day its answer arrives, whatever the outcome of its run ' +
            'and however often the run is retried.',
          querystring: UsageQuery,
          response: { 200: json('Totals for the period', UsageReport), ...problems(404, 422) },
        },
      },
      ({ query }) => {
        checkAgentId(query)
        return reportUsage(db, query)
      },
    )

    app.get(
      '/api/budget',
      {
        schema: {
          operationId: 'getBudget',
          tags: ['Usage'],
          summary: 'Get the daily budget of the instance and its use today',
          response: { 200: json('The budget', InstanceBudget) },
        },
      },
      async (_request, reply) => sendBudget(reply),
    )

    app.put(
      '/api/budget',
      {
        schema: {
          operationId: 'putBudget',
          tags: ['Usage'],
          summary: 'Set the daily budget of the instance',
          description:
            'A limit that is left out is removed. New runs beyond a limit wait, as PENDING tasks with "held", until ' +
            'the day ends in UTC or the budget is raised; they then start within seconds.',
          headers: IfMatchHeaders,
          body: Budget,
          response: { 200: json('The budget', InstanceBudget), ...problems(400, 412, 413, 415, 422) },
        },
      },
      async ({ body, headers }, reply) => {
        await writeInstanceBudget(db, body, parseIfMatch(headers['if-match']))
        return sendBudget(reply)
      },
    )
    done()
  }
}
