import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import {
  Delivery,
  DeliveryDetail,
  DeliveryList,
  DeliveryListQuery,
  ResendFilter,
  Resent,
} from '../../contract/callback.ts'
import {
  publicDeliveryId,
  type Delivery as StoredDelivery,
  type Deliveries,
  type DeliveryFilter,
} from '../../delivery/deliveries.ts'
import { json } from '../openapi/responses.ts'
import { pageRequest, showPage } from '../plumbing/cursor.ts'
import { problems } from '../problems/problem.ts'

const Params = z.object({ id: z.string() })

/** What a cursor of this list holds: the number of a delivery. */
const DeliveryNumber = z.string().regex(/^\d{1,15}$/)

/** `/api/deliveries`: what was sent to callbacks, and what came back. */
export function deliveryRoutes({ deliveries }: { deliveries: Deliveries }): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/api/deliveries',
      {
        schema: {
          operationId: 'listDeliveries',
          tags: ['Callbacks'],
          summary: 'List deliveries, newest first',
          querystring: DeliveryListQuery,
          response: { 200: json('A page of deliveries', DeliveryList), ...problems(422) },
        },
      },
      async ({ query: { limit, cursor, ...filter } }) =>
        showPage(
          await deliveries.list(filterOf(filter), pageRequest({ limit, cursor }, DeliveryNumber)),
          show,
        ),
    )

    app.get(
      '/api/deliveries/:id',
      {
        schema: {
          operationId: 'getDelivery',
          tags: ['Callbacks'],
          summary: 'Get a delivery with its attempts',
          params: Params,
          response: { 200: json('The delivery', DeliveryDetail), ...problems(404) },
        },
      },
      async ({ params }) => {
        const { body, attemptList, ...delivery } = await deliveries.get(params.id)
        return {
          ...show(delivery),
          body,
          attempt_list: attemptList.map(({ attempt, startedAt, durationMs, status, error, response }) => ({
            attempt,
            started_at: startedAt.toISOString(),
            duration_ms: durationMs,
            status,
            error,
            response,
          })),
        }
      },
    )

    app.post(
      '/api/deliveries/:id/resend',
      {
        schema: {
          operationId: 'resendDelivery',
          tags: ['Callbacks'],
          summary: 'Resend a delivery',
          description: 'It has the same id and body, so the receiver can recognise a repeat.',
          params: Params,
          response: { 200: json('The delivery', Delivery), ...problems(404) },
        },
      },
      async ({ params }) => show(await deliveries.resend(params.id)),
    )

    app.post(
      '/api/deliveries/resend',
      {
        schema: {
          operationId: 'resendDeliveries',
          tags: ['Callbacks'],
          summary: 'Resend all deliveries that match a filter',
          description: 'Failed ones, unless the filter names a state.',
          body: ResendFilter,
          response: { 200: json('How many will be resent', Resent), ...problems(400, 404, 413, 415, 422) },
        },
      },
      async ({ body }) => ({ resent: await deliveries.resendAll(filterOf(body)) }),
    )
    done()
  }
}

function filterOf(filter: ResendFilter): DeliveryFilter {
  const { state, agent_id, webhook_id, task_id } = filter
  return {
    state,
    agentId: agent_id,
    webhookId: webhook_id,
    taskId: task_id,
    since: filter.since === undefined ? undefined : new Date(filter.since),
    until: filter.until === undefined ? undefined : new Date(filter.until),
  }
}

function show(delivery: StoredDelivery): Delivery {
  return {
    id: publicDeliveryId(delivery.id),
    task_id: delivery.taskId,
    agent_id: delivery.agentId,
    webhook_id: delivery.webhookId,
    kind: delivery.kind,
    event: delivery.event,
    url: delivery.url,
    state: delivery.state,
    attempts: delivery.attempts,
    next_attempt_at: delivery.dueAt?.toISOString() ?? null,
    error: delivery.error,
    created_at: delivery.createdAt.toISOString(),
    finished_at: delivery.finishedAt?.toISOString() ?? null,
  }
}
