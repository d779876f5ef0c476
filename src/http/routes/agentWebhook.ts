import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Webhooks } from '../../webhooks/webhooks.ts'
import { AgentWebhook } from '../../contract/webhook.ts'
import { Id } from '../../contract/name.ts'
import { problems } from '../problems/problem.ts'
import { json } from '../openapi/responses.ts'
import { webhookUrl } from '../plumbing/showWebhook.ts'

/** `GET /api/agent_webhook?id=`: the URL of an agent, created on first use. */
export function agentWebhookRoutes({
  webhooks,
  publicUrl,
}: {
  webhooks: Pick<Webhooks, 'default'>
  publicUrl: string
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.get(
      '/api/agent_webhook',
      {
        schema: {
          operationId: 'getAgentWebhook',
          tags: ['Webhooks'],
          summary: 'Get the webhook URL of an agent',
          description: "Creates the agent's default webhook on first use, then returns the same URL.",
          querystring: z.object({ id: Id.meta({ description: 'The id of the agent' }) }),
          response: { 200: json('The URL', AgentWebhook), ...problems(400, 404) },
        },
      },
      async ({ query }) => {
        const { token } = await webhooks.default(query.id)
        return { success: true as const, webhook_url: webhookUrl(publicUrl, token) }
      },
    )
    done()
  }
}
