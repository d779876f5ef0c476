import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Agents } from '../../agents/agents.ts'
import {
  AcceptFirstRing,
  FirstRing,
  FirstRingAccepted,
  FirstRingQuery,
  type RingSuggestions,
} from '../../contract/firstRing.ts'
import { Id } from '../../contract/name.ts'
import type { WebhookPatch } from '../../contract/webhook.ts'
import { BellwireError, type FieldError } from '../../errors.ts'
import type { Rings } from '../../ingress/firstRing/rings.ts'
import { suggest } from '../../ingress/firstRing/suggest.ts'
import type { WaitForRings } from '../../ingress/firstRing/waitForRings.ts'
import type { HeldCount } from '../../tasks/heldTasks.ts'
import type { CheckWebhook, Webhooks } from '../../webhooks/webhooks.ts'
import { empty, json } from '../openapi/responses.ts'
import { MAX_WAIT_SECONDS } from '../../contract/respond.ts'
import { actorOf } from '../plumbing/operators.ts'
import { createShowWebhook } from '../plumbing/showWebhook.ts'
import { problems } from '../problems/problem.ts'

const PATH = '/api/agents/:id/webhooks/:webhook_id/first_ring'
const Params = z.object({ id: Id, webhook_id: Id })

/** `…/first_ring`: the first requests of a webhook without a source, and what to make of them. */
export function firstRingRoutes({
  rings,
  waitForRings,
  agents,
  webhooks,
  checkWebhook,
  countHeld,
  changed,
  publicUrl,
}: {
  rings: Rings
  waitForRings: WaitForRings
  agents: Pick<Agents, 'get' | 'update'>
  webhooks: Pick<Webhooks, 'get' | 'update'>
  checkWebhook: CheckWebhook
  countHeld: (agentId: string) => Promise<Map<string, HeldCount>>
  /** Says that the next requests are to be kept again. */
  changed: () => void
  publicUrl: string
}): FastifyPluginCallbackZod {
  const show = createShowWebhook(publicUrl)

  return (app, _options, done) => {
    app.get(
      PATH,
      {
        schema: {
          operationId: 'getFirstRing',
          tags: ['Webhooks'],
          summary: 'Get the first requests of a webhook that has no source',
          description: 'Includes what they suggest: the sender, a payload schema and a message template.',
          params: Params,
          querystring: FirstRingQuery,
          response: { 200: json('The requests', FirstRing), ...problems(404, 422) },
        },
      },
      async ({ params, query }, reply) => {
        const { id } = await webhooks.get(params.id, params.webhook_id)
        const gone = new AbortController()
        reply.raw.once('close', () => gone.abort())
        const requests = await waitForRings(id, {
          ms: Math.min(query.wait ?? 0, MAX_WAIT_SECONDS) * 1000,
          after: query.after,
          signal: gone.signal,
        })
        return { requests, suggestions: suggest(requests) }
      },
    )

    app.post(
      `${PATH}/accept`,
      {
        schema: {
          operationId: 'acceptFirstRing',
          tags: ['Webhooks'],
          summary: 'Apply what the first requests suggest',
          description:
            'Each field is true to accept the suggestion, or your own value. The source and the schema go to the ' +
            'webhook, the message to the agent, which gets a new revision. Everything is checked before anything is changed.',
          params: Params,
          body: AcceptFirstRing,
          response: {
            200: json('The webhook and the revision of the agent', FirstRingAccepted),
            ...problems(400, 404, 409, 413, 415, 422),
          },
        },
      },
      async (request) => {
        const { params, body } = request
        const before = await webhooks.get(params.id, params.webhook_id)
        const { message, ...settings } = takeSuggested(body, suggest(await rings.list(before.id)))
        const errors = await checkWebhook({
          options: { ...before.options, ...settings.options },
          secrets: settings.secrets ?? before.secrets,
        })
        if (errors.length > 0) {
          throw new BellwireError('schema_invalid', 'These settings are invalid.', { errors })
        }
        const agent =
          message === undefined
            ? await agents.get(params.id)
            : await agents.update(params.id, { message }, undefined, actorOf(request))
        const patch: WebhookPatch = {
          ...settings.options,
          ...(settings.secrets ? { secrets: settings.secrets } : {}),
        }
        const webhook =
          Object.keys(patch).length > 0 ? await webhooks.update(params.id, before.id, patch) : before
        await rings.forget(before.id)
        changed()
        return {
          webhook: show(webhook, await countHeld(agent.id)),
          agent: { id: agent.id, revision: agent.revision },
        }
      },
    )

    app.delete(
      PATH,
      {
        schema: {
          operationId: 'forgetFirstRing',
          tags: ['Webhooks'],
          summary: 'Delete the kept requests and keep the next ones instead',
          params: Params,
          response: { 204: empty('Deleted'), ...problems(404) },
        },
      },
      async ({ params }, reply) => {
        const { id } = await webhooks.get(params.id, params.webhook_id)
        await rings.forget(id)
        changed()
        return reply.code(204).send()
      },
    )
    done()
  }
}

type Taken = {
  options: { source?: string; payload_schema?: Record<string, unknown> }
  message: string | undefined
  secrets: string[] | undefined
}

/** Puts what is suggested in the place of `true`. */
function takeSuggested(body: AcceptFirstRing, suggestions: RingSuggestions): Taken {
  const errors: FieldError[] = []
  const take = <T>(
    field: 'source' | 'payload_schema' | 'message',
    own: T | true | undefined,
    offer: T | undefined,
  ) => {
    if (own !== true) return own
    if (offer === undefined)
      errors.push({ pointer: `/${field}`, detail: 'nothing is suggested: give a value' })
    return offer
  }
  const source = take('source', body.source, suggestions.source?.name)
  const schema = take('payload_schema', body.payload_schema, suggestions.payload_schema ?? undefined)
  const message = take('message', body.message, suggestions.message ?? undefined)
  if (errors.length > 0) throw new BellwireError('schema_invalid', undefined, { errors })
  return {
    options: {
      ...(source === undefined ? {} : { source }),
      ...(schema === undefined ? {} : { payload_schema: schema }),
    },
    message,
    secrets: body.secrets,
  }
}
