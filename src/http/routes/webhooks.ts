import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { HeldCount } from '../../tasks/heldTasks.ts'
import type { Webhook as StoredWebhook } from '../../webhooks/webhook.ts'
import type { Webhooks } from '../../webhooks/webhooks.ts'
import { etagOf, IfMatchHeaders, parseIfMatch } from '../../contract/ifMatch.ts'
import { Id } from '../../contract/name.ts'
import { PageQuery, pageOf } from '../../contract/page.ts'
import { Rotation, Webhook, WebhookPatch, WebhookSettings } from '../../contract/webhook.ts'
import { pageRequest, showPage } from '../plumbing/cursor.ts'
import { mayAct } from '../plumbing/operators.ts'
import { problems } from '../problems/problem.ts'
import { empty, json } from '../openapi/responses.ts'
import { restoreSettings } from '../plumbing/restoreLinks.ts'
import { createShowWebhook, maskUrl } from '../plumbing/showWebhook.ts'

const AgentParams = z.object({ id: Id })
const WebhookParams = z.object({ id: Id, webhook_id: Id })

/** `/api/agents/{id}/webhooks`: the webhooks of an agent. */
export function webhookRoutes({
  webhooks,
  countHeld,
  publicUrl,
}: {
  webhooks: Webhooks
  /** Counts the held tasks of each webhook of an agent. */
  countHeld: (agentId: string) => Promise<Map<string, HeldCount>>
  publicUrl: string
}): FastifyPluginCallbackZod {
  const showWith = createShowWebhook(publicUrl)
  const show = async (reply: FastifyReply, webhook: StoredWebhook) => {
    void reply.header('etag', etagOf(webhook.version))
    return showWith(webhook, await countHeld(webhook.agentId))
  }

  return (app, _options, done) => {
    app.post(
      '/api/agents/:id/webhooks',
      {
        schema: {
          operationId: 'createWebhook',
          tags: ['Webhooks'],
          summary: 'Create a webhook',
          params: AgentParams,
          body: WebhookSettings.prefault({}),
          response: { 201: json('The new webhook', Webhook), ...problems(400, 404, 413, 415, 422) },
        },
      },
      async ({ params, body }, reply) => {
        const webhook = await webhooks.create(params.id, body)
        const location = `/api/agents/${webhook.agentId}/webhooks/${webhook.id}`
        return reply
          .code(201)
          .header('location', location)
          .send(await show(reply, webhook))
      },
    )

    app.get(
      '/api/agents/:id/webhooks',
      {
        schema: {
          operationId: 'listWebhooks',
          tags: ['Webhooks'],
          summary: 'List the webhooks of an agent, newest first',
          params: AgentParams,
          querystring: PageQuery,
          response: { 200: json('A page of webhooks', pageOf(Webhook)), ...problems(404, 422) },
        },
      },
      async (request) => {
        const { params, query } = request
        const page = await webhooks.list(params.id, pageRequest(query))
        const held = await countHeld(params.id)
        return showPage(page, (webhook) => forReader(request, showWith(webhook, held)))
      },
    )

    app.get(
      '/api/agents/:id/webhooks/:webhook_id',
      {
        schema: {
          operationId: 'getWebhook',
          tags: ['Webhooks'],
          summary: 'Get a webhook',
          params: WebhookParams,
          response: { 200: json('The webhook', Webhook), ...problems(404) },
        },
      },
      async (request, reply) => {
        const { id, webhook_id: webhookId } = request.params
        return forReader(request, await show(reply, await webhooks.get(id, webhookId)))
      },
    )

    app.patch(
      '/api/agents/:id/webhooks/:webhook_id',
      {
        schema: {
          operationId: 'updateWebhook',
          tags: ['Webhooks'],
          summary: 'Update a webhook',
          params: WebhookParams,
          headers: IfMatchHeaders,
          body: WebhookPatch,
          response: { 200: json('The webhook', Webhook), ...problems(400, 404, 412, 413, 415, 422) },
        },
      },
      async (request, reply) => {
        const { params, body, headers } = request
        const ifMatch = parseIfMatch(headers['if-match'])
        const { id, webhook_id: webhookId } = params
        const patch = await restoreSettings(request, body, async () =>
          showWith(await webhooks.get(id, webhookId), await countHeld(id)),
        )
        return show(reply, await webhooks.update(id, webhookId, patch, ifMatch))
      },
    )

    app.delete(
      '/api/agents/:id/webhooks/:webhook_id',
      {
        schema: {
          operationId: 'deleteWebhook',
          tags: ['Webhooks'],
          summary: 'Delete a webhook',
          params: WebhookParams,
          headers: IfMatchHeaders,
          response: { 204: empty('Deleted'), ...problems(404, 412) },
        },
      },
      async ({ params, headers }, reply) => {
        await webhooks.delete(params.id, params.webhook_id, parseIfMatch(headers['if-match']))
        return reply.code(204).send()
      },
    )

    app.post(
      '/api/agents/:id/webhooks/:webhook_id/rotate',
      {
        schema: {
          operationId: 'rotateWebhook',
          tags: ['Webhooks'],
          summary: 'Rotate the URL of a webhook',
          description: 'The old URL keeps working for grace_seconds (0 by default).',
          params: WebhookParams,
          body: Rotation.prefault({}),
          response: {
            200: json('The webhook with its new URL', Webhook),
            ...problems(400, 404, 413, 415, 422),
          },
        },
      },
      async ({ params, body }, reply) => {
        const options = { graceSeconds: body.grace_seconds }
        return show(reply, await webhooks.rotate(params.id, params.webhook_id, options))
      },
    )
    done()
  }
}

/** The URL of a webhook starts its agent: it is for those who may do so. */
function forReader(request: FastifyRequest, webhook: Webhook): Webhook {
  return mayAct(request, 'editor') ? webhook : maskUrl(webhook)
}
