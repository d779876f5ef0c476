import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { Callback, CallbackSettings, SecretRotation } from '../../contract/callback.ts'
import { Id } from '../../contract/name.ts'
import type { Callback as StoredCallback, Callbacks } from '../../delivery/callbacks.ts'
import { empty, json } from '../openapi/responses.ts'
import { problems } from '../problems/problem.ts'

const Params = z.object({ id: Id, webhook_id: Id })

/** `/api/agents/{id}/webhooks/{webhook_id}/callback`: where the outcome of a webhook's tasks is sent. */
export function callbackRoutes({
  callbacks,
}: {
  callbacks: Pick<Callbacks, 'set' | 'get' | 'delete' | 'rotate'>
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    const url = '/api/agents/:id/webhooks/:webhook_id/callback'
    app.put(
      url,
      {
        schema: {
          operationId: 'setCallback',
          tags: ['Callbacks'],
          summary: 'Set the callback of a webhook',
          description:
            'When a task from the webhook ends, its outcome is sent to this URL, signed as Standard Webhooks describes. ' +
            'A callback that its receiver had switched off with 410 Gone is switched on again.',
          params: Params,
          body: CallbackSettings,
          response: { 200: json('The callback', Callback), ...problems(400, 404, 413, 415, 422) },
        },
      },
      async ({ params, body }) => show(await callbacks.set(refOf(params), body)),
    )

    app.get(
      url,
      {
        schema: {
          operationId: 'getCallback',
          tags: ['Callbacks'],
          summary: 'Get the callback of a webhook',
          params: Params,
          response: { 200: json('The callback', Callback), ...problems(404) },
        },
      },
      async ({ params }) => show(await callbacks.get(refOf(params))),
    )

    app.delete(
      url,
      {
        schema: {
          operationId: 'deleteCallback',
          tags: ['Callbacks'],
          summary: 'Delete the callback of a webhook',
          description: 'Deliveries that have not been sent yet fail.',
          params: Params,
          response: { 204: empty('Deleted'), ...problems(404) },
        },
      },
      async ({ params }, reply) => {
        await callbacks.delete(refOf(params))
        return reply.code(204).send()
      },
    )

    app.post(
      `${url}/rotate`,
      {
        schema: {
          operationId: 'rotateCallbackSecret',
          tags: ['Callbacks'],
          summary: 'Rotate the secret of a callback',
          description: 'Deliveries are signed with both secrets until grace_seconds have passed.',
          params: Params,
          body: SecretRotation.prefault({}),
          response: { 200: json('The callback', Callback), ...problems(400, 404, 413, 415, 422) },
        },
      },
      async ({ params, body }) => {
        const options = { secret: body.secret, graceSeconds: body.grace_seconds }
        return show(await callbacks.rotate(refOf(params), options))
      },
    )
    done()
  }
}

function refOf({ id, webhook_id }: z.infer<typeof Params>): { agentId: string; webhookId: string } {
  return { agentId: id, webhookId: webhook_id }
}

function show(callback: StoredCallback & { secret?: string }): Callback {
  const { webhookId, url, events, content, hosts, disabledAt, secret, updatedAt } = callback
  return {
    webhook_id: webhookId,
    url,
    events,
    content,
    hosts,
    disabled_at: disabledAt?.toISOString() ?? null,
    ...(secret === undefined ? {} : { secret }),
    updated_at: updatedAt.toISOString(),
  }
}
