import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import {
  RejectionAccepted,
  RejectionDetail,
  RejectionList,
  RejectionListQuery,
} from '../../contract/rejection.ts'
import type { Database } from '../../db/database.ts'
import { isId } from '../../db/id.ts'
import { BellwireError } from '../../errors.ts'
import type { AcceptRejection } from '../../ingress/rejections/acceptRejection.ts'
import { BODY_START } from '../../ingress/rejections/rejectionRow.ts'
import { listRejections, readRejection, type RejectionListed } from '../../ingress/rejections/queries.ts'
import { checkAgentId } from '../plumbing/checkAgentId.ts'
import { pageRequest, showPage } from '../plumbing/cursor.ts'
import type { MakeTaskLinks } from '../plumbing/taskLinks.ts'
import { problems } from '../problems/problem.ts'
import { json } from '../openapi/responses.ts'

const RejectionParams = z.object({ id: z.string() })

/** `/api/rejections`: requests that started no task, and why. For operators. */
export function rejectionRoutes({
  db,
  written,
  acceptRejection,
  links,
}: {
  db: Database
  /** Resolves when what this process has recorded is written. */
  written: () => Promise<void>
  acceptRejection: AcceptRejection
  links: MakeTaskLinks
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/api/rejections',
      {
        schema: {
          operationId: 'listRejections',
          tags: ['Rejections'],
          summary: 'List requests that started no task, newest first',
          querystring: RejectionListQuery,
          response: { 200: json('A page of rejections', RejectionList), ...problems(404, 422) },
        },
      },
      async ({ query }) => {
        checkAgentId(query)
        if (query.webhook_id !== undefined && !isId(query.webhook_id)) {
          throw new BellwireError('webhook_not_found')
        }
        const { webhook_id: webhookId, agent_id: agentId, reason, since, until } = query
        const filter = { webhookId, agentId, reason, since, until }
        await written()
        return showPage(await listRejections(db, filter, pageRequest(query)), show)
      },
    )

    app.get(
      '/api/rejections/:id',
      {
        schema: {
          operationId: 'getRejection',
          tags: ['Rejections'],
          summary: 'Get a rejection with the headers and the start of the body',
          params: RejectionParams,
          response: { 200: json('The rejection', RejectionDetail), ...problems(404) },
        },
      },
      async ({ params }) => {
        const { body, ...rejection } = await readRejection(db, params.id)
        const text = rejection.method === 'GET' ? JSON.stringify(rejection.query) : textOf(body)
        return { ...rejection, ...show(rejection), body: text }
      },
    )

    app.post(
      '/api/rejections/:id/accept',
      {
        schema: {
          operationId: 'acceptRejection',
          tags: ['Rejections'],
          summary: 'Start the agent with a rejected request',
          description:
            'Skips the check that rejected the request. Accepting the same rejection again returns the same task.',
          params: RejectionParams,
          response: {
            200: json('The task that was created', RejectionAccepted),
            ...problems(400, 404, 409, 415, 422, 429),
          },
        },
      },
      async ({ params }) => {
        const { taskId } = await acceptRejection(params.id)
        return { task_id: taskId, links: links(taskId) }
      },
    )
    done()
  }
}

function show<Row extends RejectionListed>(row: Row) {
  return {
    ...row,
    accepted_at: row.accepted_at?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
  }
}

/** The start of a body as text. What is not UTF-8, or is cut in the middle of a character, becomes U+FFFD. */
function textOf(body: Buffer): string {
  return body.subarray(0, BODY_START).toString('utf8')
}
